-- The bridge adds up: per day and debtor, opening and causes equal closing.

with bridge as (
    select as_of, debtor_id, cause, amount
    from aged.bridge
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        as_of, debtor_id,
        coalesce(sum(amount) filter (cause = 'opening'), 0) as opening,
        coalesce(sum(amount) filter (cause not in ('opening', 'closing')), 0) as causes,
        coalesce(sum(amount) filter (cause = 'closing'), 0) as closing
    from bridge
    group by as_of, debtor_id
    having opening + causes <> closing
)

select * from final
