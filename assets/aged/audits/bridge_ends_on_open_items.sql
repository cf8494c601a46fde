-- The bridge ends on the open items: per day and debtor, closing equals the sum of the balances.

with sides as (
    select as_of, debtor_id, amount as closing, 0 as open_items
    from aged.bridge
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and cause = 'closing'
    union all
    select as_of, debtor_id, 0, balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select as_of, debtor_id, sum(closing) as closing, sum(open_items) as open_items
    from sides
    group by as_of, debtor_id
    having sum(closing) <> sum(open_items)
)

select * from final
