-- The bridge starts where it ended: per debtor, opening equals the closing of the day before.

with bridge as (
    select as_of, debtor_id, cause, amount
    from aged.bridge
    where
        as_of between getvariable('day_from') - interval 1 day and getvariable('day_until')
        and cause in ('opening', 'closing')
),

-- a day can only start where the day before ended if that day was closed
continued_days as (
    select distinct cast(as_of + interval 1 day as date) as as_of
    from bridge
    where as_of < getvariable('day_until')
),

sides as (
    select as_of, debtor_id, amount as opening, 0 as closing_before
    from bridge
    where cause = 'opening' and as_of >= getvariable('day_from')
    union all
    select cast(as_of + interval 1 day as date), debtor_id, 0, amount
    from bridge
    where cause = 'closing' and as_of < getvariable('day_until')
),

final as (
    select
        sides.as_of, sides.debtor_id,
        sum(sides.opening) as opening, sum(sides.closing_before) as closing_before
    from sides
    semi join continued_days on sides.as_of = continued_days.as_of
    group by sides.as_of, sides.debtor_id
    having sum(sides.opening) <> sum(sides.closing_before)
)

select * from final
