-- Exposures hold every open item and all unapplied cash of a known payer: per day and debtor.

with exposures as (
    select
        as_of, customer_id, open_receivables + accepted_uninvoiced - unapplied_cash as amount
    from rated.exposures
    where as_of between getvariable('day_from') and getvariable('day_until')
),

sides as (
    select as_of, customer_id, amount as exposed, 0 as owed from exposures
    union all
    select as_of, debtor_id, 0, balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select as_of, debtor_id, 0, -amount
    from settled.unapplied_cash
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and debtor_id is not null
),

final as (
    select as_of, customer_id, sum(exposed) as exposed, sum(owed) as owed
    from sides
    group by as_of, customer_id
    having sum(exposed) <> sum(owed)
)

select * from final
