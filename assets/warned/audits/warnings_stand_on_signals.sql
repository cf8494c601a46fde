-- Every signal of a day stands as a warning of that day, and no warning stands without one.

with signals as (
    select as_of, kind, customer_id, about
    from warned.signals
    where as_of between getvariable('day_from') and getvariable('day_until')
),

standing as (
    select as_of, kind, customer_id, about
    from warned.warnings
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and state in ('standing', 'acknowledged', 'snoozed')
),

final as (
    select *, 'signal without warning' as offence from (from signals except all from standing)
    union all
    select *, 'warning without signal' from (from standing except all from signals)
)

select * from final
