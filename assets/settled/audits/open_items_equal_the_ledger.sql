-- Per closed day, debtor and store, the open items sum to the ledger, to the cent.

with days as (
    select unnest(getvariable('days')) as as_of
),

entries as (
    select
        debtor_id, store_id,
        greatest(known_on, effective_on, getvariable('day_from')) as day,
        sum(amount) as amount
    from settled.ledger
    where
        known_on <= getvariable('day_until')
        and greatest(known_on, effective_on) <= getvariable('day_until')
    group by debtor_id, store_id, greatest(known_on, effective_on, getvariable('day_from'))
),

in_ledger as (
    select days.as_of, entries.debtor_id, entries.store_id, sum(entries.amount) as amount
    from days
    inner join entries on days.as_of >= entries.day
    group by days.as_of, entries.debtor_id, entries.store_id
),

in_open_items as (
    select as_of, debtor_id, store_id, sum(balance) as amount
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, debtor_id, store_id
),

offences as (
    select
        as_of, debtor_id, store_id, in_ledger.amount as ledger_amount,
        in_open_items.amount as open_amount
    from in_ledger
    full join in_open_items using (as_of, debtor_id, store_id)
    where coalesce(in_ledger.amount, 0) <> coalesce(in_open_items.amount, 0)
)

select * from offences
