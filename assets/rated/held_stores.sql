-- One row per closed day and store not to ship to (as_of, store_id): the debtor who settles for it
-- under today's agreements is on hold.

with holds as (
    select as_of, customer_id, chain_id
    from rated.holds
    where as_of between getvariable('day_from') and getvariable('day_until')
),

terms as (
    select * from staged.steps.own_store_term_versions
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
