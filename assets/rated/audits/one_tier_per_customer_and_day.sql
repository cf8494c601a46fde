-- Every rated customer has exactly one class, one limit and one tier on every day.

with rows_of_day as (
    select as_of, customer_id, 'accounts' as table_name
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until') and is_rated
    union all
    select as_of, customer_id, 'customer_classes'
    from rated.customer_classes
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select as_of, customer_id, 'credit_limits'
    from rated.credit_limits
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select as_of, customer_id, 'credit_tiers'
    from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        as_of, customer_id,
        count(*) filter (table_name = 'accounts') as accounts,
        count(*) filter (table_name = 'customer_classes') as classes,
        count(*) filter (table_name = 'credit_limits') as limits,
        count(*) filter (table_name = 'credit_tiers') as tiers
    from rows_of_day
    group by as_of, customer_id
    having accounts <> 1 or classes <> 1 or limits <> 1 or tiers <> 1
)

select * from final
