-- One row per unmet reference and paper of which one number is the end of the other (chain_id,
-- paper_kind, paper_no, names_kind, named_no, candidate_no), on the day on which both were known.
-- At least five digits must be the same, zeros that are written in front counted.

with named as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no,
        any_value(number_key) as number_key,
        min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(document_on, known_on) as document_on, min_by(amount, known_on) as amount
    from matched.unmet_references
    where known_on <= getvariable('day_until') and named_no <> ''
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

-- the digits as written, zeros in front too
digits as (
    select
        *,
        ltrim(
            translate(regexp_replace(name_key(named_no), '[^A-Z0-9]', '', 'g'), 'OIL', '011'),
            'ABCDEFGHJKMNPQRSTUVWXYZ'
        ) as digits
    from named
),

ending_alike as (
    select
        named.chain_id, named.paper_kind, named.paper_no, named.names_kind, named.named_no,
        numbers.no as candidate_no, 'suffix' as rule,
        greatest(named.known_on, numbers.known_on) as known_on,
        numbers.known_on as candidate_known_on,
        named.store_id, named.document_on, named.amount,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount,
        named.number_key, numbers.number_key as candidate_key, named.digits,
        ltrim(
            translate(regexp_replace(name_key(numbers.no), '[^A-Z0-9]', '', 'g'), 'OIL', '011'),
            'ABCDEFGHJKMNPQRSTUVWXYZ'
        ) as candidate_digits
    from matched.paper_numbers as numbers
    inner join (select * from digits where length(digits) >= 5) as named
        on
            numbers.kind = named.names_kind
            and numbers.chain_id = named.chain_id
            and right('00000' || numbers.number_key, 5) = right(named.digits, 5)
    where numbers.known_on <= getvariable('day_until')
),

firsts as (
    select *
    from ending_alike
    where
        number_key <> candidate_key
        and (
            (
                ends_with(candidate_key, number_key)
                and regexp_full_match(number_key, '\d{5,}')
            )
            or (
                ends_with(number_key, candidate_key)
                and regexp_full_match(candidate_key, '\d{5,}')
            )
            or (
                ends_with(candidate_digits, digits)
                and regexp_full_match(digits, '\d{5,}')
            )
            or (
                ends_with(digits, candidate_digits)
                and regexp_full_match(candidate_digits, '\d{5,}')
            )
        )
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
        order by known_on, candidate_known_on desc
    ) = 1
),

final as (
    select * exclude (candidate_known_on, number_key, candidate_key, digits, candidate_digits)
    from firsts
    where known_on >= getvariable('day_from')
)

select * from final
