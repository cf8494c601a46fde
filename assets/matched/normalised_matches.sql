-- One row per unmet reference and paper whose number reads the same (chain_id, paper_kind, paper_no,
-- names_kind, named_no, candidate_no), on the day on which both were known: spelling, separators,
-- O for 0, I and L for 1, leading letters and zeros aside. Two numbers that begin with different
-- letters are two numbers. `distance` says how far the spellings lie apart: 0 the same signs, 1 the
-- same but for letters in front and O, I and L, 2 also but for zeros in front.

with named as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, any_value(number_key) as number_key,
        min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(document_on, known_on) as document_on, min_by(amount, known_on) as amount
    from matched.unmet_references
    where known_on <= getvariable('day_until')
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

read_alike as (
    select
        named.chain_id, named.paper_kind, named.paper_no, named.names_kind, named.named_no,
        numbers.no as candidate_no,
        'normalised' as rule,
        greatest(named.known_on, numbers.known_on) as known_on,
        numbers.known_on as candidate_known_on,
        named.store_id, named.document_on, named.amount,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount
    from matched.paper_numbers as numbers
    inner join named
        on
            numbers.kind = named.names_kind
            and numbers.chain_id = named.chain_id
            and numbers.number_key = named.number_key
    where
        numbers.known_on <= getvariable('day_until')
        and numbers.number_key <> ''
        and numbers.no <> named.named_no
),

-- the signs of the two alone, half width, without the word `No.` in front
plain as (
    select
        *,
        regexp_replace(
            regexp_replace(name_key(named_no), '[^A-Z0-9]', '', 'g'), '^NO(.)', '\1'
        ) as signs,
        regexp_replace(
            regexp_replace(name_key(candidate_no), '[^A-Z0-9]', '', 'g'), '^NO(.)', '\1'
        ) as candidate_signs
    from read_alike
),

-- the letters before the number; an O, I or L at their end may be a digit
lettered as (
    select
        *,
        regexp_extract(signs, '^[A-Z]*[A-HJKMNP-Z]') as letters,
        regexp_extract(candidate_signs, '^[A-Z]*[A-HJKMNP-Z]') as candidate_letters,
        case
            when signs = candidate_signs then 0
            when
                ltrim(translate(signs, 'OIL', '011'), 'ABCDEFGHJKMNPQRSTUVWXYZ')
                = ltrim(translate(candidate_signs, 'OIL', '011'), 'ABCDEFGHJKMNPQRSTUVWXYZ')
                then 1
            else 2
        end as distance
    from plain
),

firsts as (
    select *
    from lettered
    where
        letters = ''
        or candidate_letters = ''
        or ends_with(letters, candidate_letters)
        or ends_with(candidate_letters, letters)
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
        order by known_on, candidate_known_on desc
    ) = 1
),

final as (
    select * exclude (candidate_known_on, signs, candidate_signs, letters, candidate_letters)
    from firsts
    where known_on >= getvariable('day_from')
)

select * from final
