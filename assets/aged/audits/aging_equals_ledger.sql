-- Aging by either basis equals the ledger: per day and debtor, and per day and store.

with entries as (
    select
        debtor_id, store_id,
        greatest(effective_on, known_on, getvariable('day_from')) as counts_on,
        sum(amount) as amount
    from settled.ledger
    where known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
    group by all
),

days as (
    select unnest(getvariable('days')) as as_of
),

ledger as (
    select days.as_of, entries.debtor_id, entries.store_id, sum(entries.amount) as amount
    from entries
    inner join days on entries.counts_on <= days.as_of
    group by all
),

sides as (
    select
        ledger.as_of, bases.basis, ledger.debtor_id, ledger.store_id,
        0 as aging, ledger.amount as ledger
    from ledger
    cross join (select unnest(['document', 'overdue']) as basis) as bases
    union all
    select as_of, basis, debtor_id, store_id, amount, 0
    from aged.aging
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        as_of, basis, debtor_id, store_id,
        sum(aging) as aging, sum(ledger) as ledger
    from sides
    group by grouping sets ((as_of, basis, debtor_id), (as_of, basis, store_id))
    having sum(aging) <> sum(ledger)
)

select * from final
