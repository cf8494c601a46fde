-- Every signal of a day stands as a warning of that day, and no warning stands without one.

with signals as (
    select as_of, 'over_limit' as kind, customer_id
    from warned.over_limit_signals
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select as_of, 'customer_lost', customer_id
    from warned.customer_lost_signals
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select as_of, 'sales_behind', customer_id
    from warned.sales_behind_signals
    where as_of between getvariable('day_from') and getvariable('day_until')
),

standing as (
    select as_of, kind, customer_id
    from warned.warnings
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and cleared_on is null
),

final as (
    select *, 'signal without warning' as offence from (from signals except all from standing)
    union all
    select *, 'warning without signal' from (from standing except all from signals)
)

select * from final
