-- Per closed day and chain, what debtors owe (the open items by debtor) is what arose at stores (the
-- ledger by store), to the cent: no money is without a debtor, none without a store, none elsewhere.

with days as (
    select unnest(getvariable('days')) as as_of
),

by_debtor as (
    select as_of, chain_id, sum(balance) as amount
    from settled.open_items
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and debtor_id is not null
    group by as_of, chain_id
),

store_days as (
    select
        chain_id, greatest(known_on, effective_on, getvariable('day_from')) as day,
        sum(amount) as amount
    from settled.ledger
    where
        known_on <= getvariable('day_until')
        and effective_on <= getvariable('day_until')
        and store_id is not null
    group by chain_id, greatest(known_on, effective_on, getvariable('day_from'))
),

by_store as (
    select days.as_of, store_days.chain_id, sum(store_days.amount) as amount
    from days
    inner join store_days on days.as_of >= store_days.day
    group by days.as_of, store_days.chain_id
),

offences as (
    select
        as_of, chain_id, by_debtor.amount as debtor_amount, by_store.amount as store_amount
    from by_debtor
    full join by_store using (as_of, chain_id)
    where coalesce(by_debtor.amount, 0) <> coalesce(by_store.amount, 0)
)

select * from offences
