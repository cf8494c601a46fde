-- A warning stands once a day, begins before it clears, and shows the day it cleared only on it.

with warnings as (
    select as_of, warning_id, kind, customer_id, about, first_on, cleared_on
    from warned.warnings
    where as_of between getvariable('day_from') and getvariable('day_until')
),

counted as (
    select
        *,
        count(*) over (partition by as_of, warning_id) as times,
        count(*) over (partition by as_of, kind, customer_id, about) as at_once
    from warnings
),

final as (
    select * from counted
    where
        times > 1
        or at_once > 1
        or first_on > as_of
        or cleared_on <> as_of
        or cleared_on <= first_on
)

select * from final
