-- One row per closed day and store that has not ordered for too long (as_of, customer_id): policy's
-- multiple of its usual interval, and at least policy's days. The usual interval is the average
-- between the days on which it ordered in the year up to its last order. A store that ordered on
-- one day only has no usual interval; one that is closed is not lost.

with days as (
    select unnest(getvariable('days')) as as_of
),

order_days as (
    select
        chain_id, store_id, ordered_on, greatest(known_on, ordered_on) as counts_on
    from warned.order_days
    where known_on <= getvariable('day_until') and ordered_on <= getvariable('day_until')
),

-- history in one row per store; only the window's own news is kept by day
latest as (
    select
        chain_id, store_id, greatest(counts_on, getvariable('day_from')) as counts_on,
        max(ordered_on) as last_on
    from order_days
    group by all
),

last_orders as (
    select days.as_of, latest.chain_id, latest.store_id, max(latest.last_on) as last_on
    from days
    inner join latest on latest.counts_on <= days.as_of
    group by days.as_of, latest.chain_id, latest.store_id
),

silent as (
    select last_orders.*, last_orders.as_of - last_orders.last_on as silent_days
    from last_orders
    left join rated.accounts
        on last_orders.as_of = accounts.as_of and last_orders.store_id = accounts.customer_id
    where
        last_orders.as_of - last_orders.last_on >= getvariable('policy').warnings.lost_days
        and coalesce(accounts.closed_on >= last_orders.as_of, true)
),

usual as (
    select
        silent.as_of, silent.chain_id, silent.store_id, silent.last_on, silent.silent_days,
        count(*) as days_ordered, min(order_days.ordered_on) as first_on
    from silent
    inner join order_days
        on
            silent.store_id = order_days.store_id
            and silent.chain_id = order_days.chain_id
            and order_days.counts_on <= silent.as_of
            and order_days.ordered_on > silent.last_on - 365
    group by silent.as_of, silent.chain_id, silent.store_id, silent.last_on, silent.silent_days
),

final as (
    select
        as_of, store_id as customer_id, chain_id, 'high' as severity, last_on, silent_days,
        cast((last_on - first_on) / (days_ordered - 1) as decimal(9, 1)) as usual_interval,
        'no order since ' || cast(last_on as varchar) || ' (' || cast(silent_days as varchar)
        || ' days); it used to order every ' || cast(usual_interval as varchar) || ' days ('
        || cast(days_ordered as varchar) || ' order days in the year before)' as evidence
    from usual
    where
        days_ordered > 1
        and silent_days * (days_ordered - 1)
        >= getvariable('policy').warnings.lost_intervals * (last_on - first_on)
)

select * from final
