-- What is written off as a small difference stays within the policy's limit, leaves nothing open of
-- its item, and stands only on items on which something was paid, for the items touched in the window.

with touched as (
    select distinct item_id, debtor_id, store_id
    from settled.write_offs
    where known_on between getvariable('day_from') and getvariable('day_until')
),

items as (
    select
        ledger.item_id, ledger.debtor_id, ledger.store_id,
        sum(ledger.amount) as balance,
        -sum(ledger.amount) filter (ledger.entry_kind = 'write_off') as written_off,
        -coalesce(sum(ledger.amount) filter (ledger.entry_kind = 'cash'), 0) as paid
    from settled.ledger
    semi join touched using (item_id, debtor_id, store_id)
    where ledger.known_on <= getvariable('day_until')
    group by ledger.item_id, ledger.debtor_id, ledger.store_id
),

offences as (
    select *
    from items
    where
        coalesce(written_off, 0) <> 0
        and (
            abs(written_off) > getvariable('policy').write_offs.small_difference
            or paid = 0
            or balance <> 0
        )
)

select * from offences
