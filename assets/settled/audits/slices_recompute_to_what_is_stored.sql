-- The slice of the day before the window, stored when that day was closed, equals the one that its
-- facts give today: item by item, balance by balance.

with stored as (
    select item_id, debtor_id, store_id, balance
    from settled.open_items
    where as_of = getvariable('day_from') - 1
),

recomputed as (
    select item_id, debtor_id, store_id, sum(amount) as balance
    from settled.ledger
    where known_on < getvariable('day_from') and effective_on < getvariable('day_from')
    group by item_id, debtor_id, store_id
    having sum(amount) <> 0
),

offences as (
    select
        item_id, debtor_id, store_id, stored.balance as stored_balance,
        recomputed.balance as recomputed_balance
    from stored
    full join recomputed using (item_id, debtor_id, store_id)
    where
        stored.balance is distinct from recomputed.balance
        -- a first close has no day before it
        and exists (select 1 from settled.open_items where as_of < getvariable('day_from'))
)

select * from offences
