-- Per closed day, the parts of an item that stores share sum to the item's balance.

with parts as (
    select as_of, item_id, debtor_id, ship_to_id, sum(amount) as amount
    from settled.store_balances
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, item_id, debtor_id, ship_to_id
),

items as (
    select as_of, item_id, debtor_id, store_id as ship_to_id, balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
),

offences as (
    select as_of, item_id, debtor_id, ship_to_id, parts.amount, items.balance
    from parts
    left join items using (as_of, item_id, debtor_id, ship_to_id)
    where parts.amount is distinct from items.balance
)

select * from offences
