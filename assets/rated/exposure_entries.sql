-- One row per order, debtor and day on which what is on its way changed (known_on, chain_id,
-- order_no, debtor_id); amounts are changes, CNY. `delivered_unreceived` is what left our warehouse
-- and the store has not accepted, as long as nobody has applied for the invoice or been invoiced
-- (after that the difference is a variance); `open_orders` is ordered with nothing delivered yet.

with touched as (
    select chain_id, order_no
    from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select chain_id, order_no
    from settled.settlements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

states as (
    select
        chain_id, order_no,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until,
        case
            when stage in ('delivered', 'received')
                then greatest(coalesce(delivered, 0) - coalesce(received, 0), 0)
            else 0
        end as delivered_unreceived,
        case when stage = 'ordered' then coalesce(ordered, 0) else 0 end as open_orders
    from matched.order_states
    semi join touched using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

-- before its settlement is known an order is owed by nobody
settlements as (
    select
        chain_id, order_no, debtor_id,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from settled.settlements
    semi join touched using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

stretches as (
    select
        states.chain_id, states.order_no, settlements.debtor_id,
        states.delivered_unreceived, states.open_orders,
        greatest(states.known_from, settlements.known_from) as known_from,
        least(states.known_until, settlements.known_until) as known_until
    from states
    inner join settlements
        on
            states.chain_id = settlements.chain_id
            and states.order_no = settlements.order_no
            and states.known_from < settlements.known_until
            and settlements.known_from < states.known_until
    where states.delivered_unreceived <> 0 or states.open_orders <> 0
),

changes as (
    select
        known_from as known_on, chain_id, order_no, debtor_id, delivered_unreceived, open_orders
    from stretches
    union all
    select known_until, chain_id, order_no, debtor_id, -delivered_unreceived, -open_orders
    from stretches
),

final as (
    select
        known_on, chain_id, order_no, debtor_id,
        cast(sum(delivered_unreceived) as decimal(18, 2)) as delivered_unreceived,
        cast(sum(open_orders) as decimal(18, 2)) as open_orders
    from changes
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no, debtor_id
    having sum(delivered_unreceived) <> 0 or sum(open_orders) <> 0
)

select * from final
