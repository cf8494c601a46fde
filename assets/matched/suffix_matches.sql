-- One row per unmet reference and paper of which one number is the end of the other (chain_id,
-- paper_kind, paper_no, names_kind, named_no, candidate_no), on the day on which both were known.
-- At least five digits must be the same.

with named as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no,
        any_value(number_key) as number_key, right(any_value(number_key), 5) as ending,
        min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(document_on, known_on) as document_on, min_by(amount, known_on) as amount
    from matched.unmet_references
    where known_on <= getvariable('day_until') and length(number_key) >= 5
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

ending_alike as (
    select
        named.chain_id, named.paper_kind, named.paper_no, named.names_kind, named.named_no,
        numbers.no as candidate_no, 'suffix' as rule,
        greatest(named.known_on, numbers.known_on) as known_on,
        named.store_id, named.document_on, named.amount,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount,
        named.number_key, numbers.number_key as candidate_key
    from matched.paper_numbers as numbers
    inner join named
        on
            numbers.kind = named.names_kind
            and numbers.chain_id = named.chain_id
            and right(numbers.number_key, 5) = named.ending
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
        )
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
        order by known_on
    ) = 1
),

final as (
    select * exclude (number_key, candidate_key)
    from firsts
    where known_on >= getvariable('day_from')
)

select * from final
