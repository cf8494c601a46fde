-- One row per closed day and customer on hold (as_of, customer_id): what has to be collected before
-- goods are shipped again, CNY. On hold is who has more overdue beyond grace than policy lets pass.

with tiers as (
    select * from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
),

exposures as (
    select as_of, customer_id, oldest_due_on, grace_days
    from rated.exposures
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        tiers.as_of, tiers.customer_id, tiers.chain_id, tiers.action,
        format('{:,.2f}', tiers.overdue_beyond_grace) || ' overdue beyond '
        || cast(exposures.grace_days as varchar) || ' days of grace, the oldest since '
        || cast(exposures.oldest_due_on as varchar) || ' ('
        || cast(tiers.as_of - exposures.oldest_due_on as varchar) || ' days)'
        || case
            when tiers.unapplied_cash > 0
                then '; ' || format('{:,.2f}', tiers.unapplied_cash)
                || ' received from them waits to be placed'
            else ''
        end as reason,
        tiers.overdue_beyond_grace as amount,
        format('{:,.2f}', tiers.overdue_beyond_grace) || ' is collected' as release_when,
        exposures.oldest_due_on
    from tiers
    inner join exposures using (as_of, customer_id)
    where tiers.overdue_beyond_grace > getvariable('policy').credit.hold_above
)

select * from final
