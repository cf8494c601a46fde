-- On the window's last day the exceptions of an order say what its state says: an order that nobody
-- delivered, accepted or invoiced has that exception once its days are over, for that amount, and
-- an order that is paid or cancelled has none. What somebody accepted or wrote off is not
-- listed. Checked for the
-- orders that have exceptions and for those that changed in the window, some 20,000 of a large one.

with listed as (
    select chain_id, order_no, reason, amount
    from matched.exceptions
    where as_of = getvariable('day_until') and document_no = order_no
),

changed as (
    select chain_id, order_no
    from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
),

orders_to_check as (
    select chain_id, order_no
    from changed
    where hash(order_no) % (1 + (select count(*) from changed) // 20000) = 0
    union
    select chain_id, order_no from listed
),

states as (
    select states.*
    from matched.order_states as states
    semi join orders_to_check using (chain_id, order_no)
    where states.known_on <= getvariable('day_until')
    qualify row_number() over (
        partition by states.chain_id, states.order_no order by states.known_on desc
    ) = 1
),

orders as (
    select
        orders.chain_id, orders.order_no,
        max_by(coalesce(orders.deliver_by, orders.order_date), orders.known_on) as expected_on
    from staged.orders
    semi join orders_to_check using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
    group by orders.chain_id, orders.order_no
),

expected as (
    select states.chain_id, states.order_no, 'undelivered' as reason, states.ordered as amount
    from states
    inner join orders using (chain_id, order_no)
    where
        states.stage = 'ordered'
        and not states.is_cancelled
        and states.returned = 0
        and orders.expected_on + getvariable('policy').matching.undelivered_days
        < getvariable('day_until')
        and states.ordered <> 0
),

reported as (
    select chain_id, order_no, max_by(reported, known_on) as amount
    from matched.open_orders
    semi join (select * from listed where reason = 'uninvoiced') using (chain_id, order_no)
    semi join (
        select chain_id, store_id as ship_to_id
        from staged.store_terms
        where term_kind = 'consignment' and known_on <= getvariable('day_until')
    ) as consigning using (chain_id, ship_to_id)
    where known_on <= getvariable('day_until') and reported <> 0
    group by chain_id, order_no
),

-- what an exception may say of the state that it comes from
allowed as (
    select chain_id, order_no, 'undelivered' as reason, ordered as amount from states
    where stage = 'ordered'
    union all
    select chain_id, order_no, 'unreceived', delivered from states where stage = 'delivered'
    union all
    select chain_id, order_no, 'returned', returned from states
    union all
    select chain_id, order_no, 'uninvoiced', received + returned - invoiced from states
    union all
    -- goods on consignment are to be invoiced as far as they are reported as sold
    select states.chain_id, states.order_no, 'uninvoiced', reported.amount - states.invoiced
    from states
    inner join reported using (chain_id, order_no)
    union all
    select chain_id, order_no, 'over_invoiced', invoiced - received - returned from states
),

unlisted as (
    select
        expected.*,
        substr(md5(reason || '|' || chain_id || '|' || order_no), 1, 16) as exception_id
    from expected
    anti join listed using (chain_id, order_no, reason, amount)
),

-- somebody accepted it or wrote it off at this very amount
accepted as (
    select
        exception_id, max_by(decision, {'on': decided_on, 'known': known_on}) as decision,
        max_by(amount_then, {'on': decided_on, 'known': known_on}) as amount
    from matched.exception_decisions
    where
        known_on <= getvariable('day_until')
        and exception_id in (select exception_id from unlisted)
        and decision in ('accept', 'write_off', 'dispute', 'reopen')
    group by exception_id
    having
        max_by(decision, {'on': decided_on, 'known': known_on}) in ('accept', 'write_off')
),

offences as (
    select chain_id, order_no, reason, amount, 'is not listed' as fault
    from unlisted
    anti join accepted using (exception_id, amount)
    union all
    select chain_id, order_no, reason, amount, 'is not what the state says'
    from listed
    anti join allowed using (chain_id, order_no, reason, amount)
    where reason in (select reason from allowed)
    union all
    select listed.chain_id, listed.order_no, listed.reason, listed.amount, 'is of a complete order'
    from listed
    semi join (
        select chain_id, order_no
        from states
        where stage = 'cancelled' or stage = 'paid' and received + returned <> 0
    ) as complete using (chain_id, order_no)
)

select * from offences
