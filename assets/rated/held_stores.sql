-- One row per closed day and store not to ship to (as_of, store_id): the debtor who settles for it
-- under today's agreements is on hold.

with holds as (
    select as_of, customer_id, chain_id
    from rated.holds
    where as_of between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        store_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by store_id order by known_on)
            as known_until
    from (
        select distinct store_id, known_on
        from staged.store_terms
        where known_on <= getvariable('day_until') and not coalesce(is_former, false)
    )
),

terms as (
    select
        terms.store_id, terms.debtor_id, terms.valid_from, terms.valid_to,
        versions.known_on as known_from, versions.known_until
    from staged.store_terms as terms
    inner join versions
        on terms.store_id = versions.store_id and terms.known_on = versions.known_on
),

final as (
    select distinct holds.as_of, holds.chain_id, terms.store_id, holds.customer_id
    from holds
    inner join terms
        on
            holds.customer_id = terms.debtor_id
            and holds.as_of >= terms.known_from
            and holds.as_of < terms.known_until
            and holds.as_of between terms.valid_from and terms.valid_to
)

select * from final
