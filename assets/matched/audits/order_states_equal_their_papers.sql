-- What the latest state of an order says was ordered, delivered, received and returned equals its
-- papers, for the orders that changed in the window.

with touched as (
    select distinct chain_id, order_no
    from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
),

states as (
    select states.chain_id, states.order_no, ordered, delivered, received + returned as accepted
    from matched.order_states as states
    semi join touched using (chain_id, order_no)
    where states.known_on <= getvariable('day_until')
    qualify row_number() over (
        partition by states.chain_id, states.order_no order by states.known_on desc
    ) = 1
),

ordered as (
    select orders.chain_id, orders.order_no, max_by(orders.amount, orders.known_on) as amount
    from staged.orders
    semi join touched using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
    group by orders.chain_id, orders.order_no
),

deliveries as (
    select
        chain_id, delivery_no, max_by(amount, known_on) as amount,
        arg_max_null(order_no, known_on) as order_no
    from staged.deliveries
    where known_on <= getvariable('day_until')
    group by chain_id, delivery_no
),

delivered as (
    select chain_id, order_no, sum(amount) as amount
    from deliveries
    semi join touched using (chain_id, order_no)
    group by chain_id, order_no
),

receipts as (
    select
        chain_id, receipt_no, max_by(amount, known_on) as amount,
        arg_max_null(order_no, known_on) as order_no,
        arg_max_null(delivery_no, known_on) as delivery_no
    from staged.goods_receipts
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

accepted as (
    select
        receipts.chain_id, coalesce(receipts.order_no, deliveries.order_no) as order_no,
        sum(receipts.amount) as amount
    from receipts
    left join deliveries
        on
            receipts.chain_id = deliveries.chain_id
            and receipts.delivery_no = deliveries.delivery_no
    group by 1, 2
),

offences as (
    select
        states.chain_id, states.order_no,
        states.ordered as stated_ordered, coalesce(ordered.amount, 0) as ordered,
        states.delivered as stated_delivered, coalesce(delivered.amount, 0) as delivered,
        states.accepted as stated_accepted, coalesce(accepted.amount, 0) as accepted
    from states
    left join ordered using (chain_id, order_no)
    left join delivered using (chain_id, order_no)
    left join accepted using (chain_id, order_no)
    where
        states.ordered <> coalesce(ordered.amount, 0)
        or states.delivered <> coalesce(delivered.amount, 0)
        or states.accepted <> coalesce(accepted.amount, 0)
)

select * from offences
