-- Every hold has an amount overdue beyond grace, and everybody to be held or stopped is on hold.

with holds as (
    select as_of, customer_id, amount
    from rated.holds
    where as_of between getvariable('day_from') and getvariable('day_until')
),

tiers as (
    select as_of, customer_id, action
    from rated.credit_tiers
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and action in ('hold', 'stop')
),

-- late by more than the days of grace, as the open items themselves say
overdue as (
    select items.as_of, items.debtor_id as customer_id, sum(items.balance) as overdue
    from settled.open_items as items
    inner join rated.exposures as exposures
        on items.as_of = exposures.as_of and items.debtor_id = exposures.customer_id
    where
        items.as_of between getvariable('day_from') and getvariable('day_until')
        and items.as_of - items.due_on > exposures.grace_days
    group by items.as_of, items.debtor_id
),

final as (
    select
        coalesce(holds.as_of, tiers.as_of) as as_of,
        coalesce(holds.customer_id, tiers.customer_id) as customer_id,
        tiers.action, holds.amount, overdue.overdue
    from holds
    full join tiers on holds.as_of = tiers.as_of and holds.customer_id = tiers.customer_id
    left join overdue on holds.as_of = overdue.as_of and holds.customer_id = overdue.customer_id
    where
        holds.amount is null
        or tiers.action is null
        or holds.amount <= 0
        or holds.amount is distinct from overdue.overdue
)

select * from final
