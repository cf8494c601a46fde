-- One row per state of an order (chain_id, order_no) and time from `known_on` until before
-- `known_until` for which it held: the orders that are open on some day of the window, with all
-- their states.

with orders as (
    select chain_id, order_no
    from matched.open_orders
    where known_on <= getvariable('day_until')
    group by chain_id, order_no
    having
        max(known_on) >= getvariable('day_from')
        or max(known_on) filter (is_open) = max(known_on)
),

final as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from matched.open_orders
    semi join orders using (chain_id, order_no)
    where known_on <= getvariable('day_until')
)

select * from final
