-- Aging by either basis equals the open items: per day and debtor, and per day and store.

with open_items as (
    select
        as_of, chain_id, debtor_id, store_id, sum(balance) as balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

aging as (
    select as_of, chain_id, debtor_id, store_id, basis, sum(amount) as amount
    from aged.aging
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

sides as (
    select
        open_items.as_of, open_items.debtor_id, open_items.store_id, bases.basis,
        open_items.balance, 0 as amount
    from open_items
    cross join (select unnest(['document', 'overdue']) as basis) as bases
    union all
    select as_of, debtor_id, store_id, basis, 0, amount from aging
),

final as (
    select
        as_of, basis, debtor_id, store_id,
        sum(amount) as aging, sum(balance) as open_items
    from sides
    group by grouping sets ((as_of, basis, debtor_id), (as_of, basis, store_id))
    having sum(amount) <> sum(balance)
)

select * from final
