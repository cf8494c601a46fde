-- One row per order (chain_id, order_no) and day on which it changed while it was not complete, and
-- one for the day that completed it (is_open is false): its amounts, and the dates from which
-- deadlines run. An order is complete when it is paid or cancelled and nothing is invoiced for
-- goods that went back. Dates are those of the latest version of each paper known that day.

with states as not materialized (
    select
        known_on, chain_id, order_no, store_id, is_implied, is_cancelled, stage,
        ordered, delivered, received, returned, applied, invoiced, stated,
        cast(received + returned as decimal(18, 2)) as net, file_id, sheet, row_no,
        stage not in ('paid', 'cancelled') or (received + returned = 0 and invoiced <> 0) as is_open
    from matched.order_states
    where known_on <= getvariable('day_until')
),

-- on the day on which the category of its articles is known otherwise, an order is told again
categories as (
    select * from matched.order_categories where known_on <= getvariable('day_until')
),

category_states as (
    select
        categories.known_on, categories.chain_id, categories.order_no,
        max_by(states, states.known_on) as state
    from categories
    inner join states
        on
            categories.chain_id = states.chain_id
            and categories.order_no = states.order_no
            and categories.known_on >= states.known_on
    where categories.known_on >= getvariable('day_from')
    group by categories.known_on, categories.chain_id, categories.order_no
),

told_again as (
    select unnest(state), category_states.known_on as told_on
    from category_states
    where state.known_on < category_states.known_on and state.is_open
),

opened as (
    select * from states
    where is_open and known_on >= getvariable('day_from')
    union all
    select * exclude (told_on) replace (told_on as known_on) from told_again
),

closed as not materialized (
    select * from states
    where not is_open and known_on >= getvariable('day_from')
),

-- on a first load no order was open before, which the first day of the table tells without looking
was_open as (
    select distinct closed.known_on, closed.chain_id, closed.order_no
    from states as earlier
    inner join (
        select *
        from closed
        where (select min(known_on) from matched.order_states) < getvariable('day_until')
    ) as closed
        on
            earlier.chain_id = closed.chain_id
            and earlier.order_no = closed.order_no
            and earlier.known_on < closed.known_on
    where earlier.is_open and earlier.known_on < getvariable('day_until')
),

completed as (
    select closed.* from closed semi join was_open using (known_on, chain_id, order_no)
),

open_keys as (
    select distinct chain_id, order_no from opened
),

order_papers as (
    select
        orders.chain_id, orders.order_no,
        orders.known_on, orders.order_date as dated_on,
        coalesce(orders.deliver_by, orders.order_date) as due_on, orders.store_id
    from staged.orders
    semi join open_keys using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
),

delivery_papers as (
    select
        deliveries.chain_id, deliveries.order_no, deliveries.delivery_no,
        deliveries.known_on, deliveries.delivery_date as dated_on, deliveries.store_id,
        deliveries.amount
    from matched.resolved_deliveries as deliveries
    semi join open_keys using (chain_id, order_no)
    where deliveries.known_on <= getvariable('day_until')
),

placements as (
    select placements.*
    from matched.receipt_orders as placements
    semi join open_keys using (chain_id, order_no)
    where placements.known_on <= getvariable('day_until')
),

receipts as (
    select
        receipts.chain_id, receipts.receipt_no, receipts.known_on, receipts.receipt_date,
        receipts.amount, receipts.is_return, receipts.store_id
    from staged.goods_receipts as receipts
    semi join placements using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

-- the receipts that stand on an order on each of its days, in the version known then
receipts_then as (
    select
        opened.known_on, opened.chain_id, opened.order_no, receipts.receipt_no,
        max_by(receipts.receipt_date, receipts.known_on) as receipt_date,
        max_by(receipts.amount, receipts.known_on) as amount,
        max_by(receipts.is_return, receipts.known_on) as is_return,
        max_by(receipts.store_id, receipts.known_on) as store_id
    from opened
    inner join placements
        on
            opened.chain_id = placements.chain_id
            and opened.order_no = placements.order_no
            and opened.known_on >= placements.known_on
    inner join receipts
        on
            placements.chain_id = receipts.chain_id
            and placements.receipt_no = receipts.receipt_no
            and opened.known_on >= receipts.known_on
    group by opened.known_on, opened.chain_id, opened.order_no, receipts.receipt_no
    -- each version meets each placement once, so the signs say whether the receipt stands here
    having sum(placements.placed) > 0
),

deliveries_then as (
    select
        opened.known_on, opened.chain_id, opened.order_no, papers.delivery_no,
        max_by(papers.dated_on, papers.known_on) as delivery_date,
        max_by(papers.store_id, papers.known_on) as store_id,
        max_by(papers.amount, papers.known_on) as amount
    from opened
    inner join delivery_papers as papers
        on
            opened.chain_id = papers.chain_id
            and opened.order_no = papers.order_no
            and opened.known_on >= papers.known_on
    group by opened.known_on, opened.chain_id, opened.order_no, papers.delivery_no
),

orders_then as (
    select
        opened.known_on, opened.chain_id, opened.order_no,
        max_by(papers.dated_on, papers.known_on) as order_date,
        max_by(papers.due_on, papers.known_on) as due_on,
        max_by(papers.store_id, papers.known_on) as store_id
    from opened
    inner join order_papers as papers
        on
            opened.chain_id = papers.chain_id
            and opened.order_no = papers.order_no
            and opened.known_on >= papers.known_on
    group by opened.known_on, opened.chain_id, opened.order_no
),

delivery_dates as (
    select
        known_on, chain_id, order_no,
        min(delivery_date) as first_delivery_on, max(delivery_date) as last_delivery_on,
        coalesce(sum(amount) filter (amount < 0), 0) as sent_back,
        min_by(store_id, {'on': delivery_date, 'store': store_id}) as store_id
    from deliveries_then
    group by known_on, chain_id, order_no
),

receipt_dates as (
    select
        known_on, chain_id, order_no,
        max(receipt_date) as last_receipt_on,
        min(receipt_date) filter (not is_return) as first_receipt_on,
        min_by(store_id, {'on': receipt_date, 'store': store_id}) filter (not is_return) as store_id
    from receipts_then
    group by known_on, chain_id, order_no
),

-- what statements say of each receipt
stated_receipts as (
    select
        receipts_then.known_on, receipts_then.chain_id, receipts_then.order_no,
        receipts_then.receipt_no, receipts_then.amount,
        coalesce(sum(goods.change), 0) as stated, max(goods.known_on) as stated_on
    from receipts_then
    left join matched.stated_goods as goods
        on
            receipts_then.chain_id = goods.chain_id
            and receipts_then.receipt_no = goods.receipt_no
            and receipts_then.known_on >= goods.known_on
    group by all
),

stated as (
    select
        known_on, chain_id, order_no,
        sum(amount) filter (stated = 0) as unstated,
        sum(abs(stated - amount)) filter (stated <> 0) as misstated,
        -- as goods on consignment are owed: what is reported of a receipt, up to the receipt
        sum(
            case
                when sign(stated) <> sign(amount) then 0
                when abs(stated) < abs(amount) then stated
                else amount
            end
        ) as reported,
        max(stated_on) as last_reported_on
    from stated_receipts
    group by known_on, chain_id, order_no
),

categories_then as (
    select
        opened.known_on, opened.chain_id, opened.order_no,
        max_by({'category': categories.category}, categories.known_on).category as category
    from opened
    inner join categories
        on
            opened.chain_id = categories.chain_id
            and opened.order_no = categories.order_no
            and opened.known_on >= categories.known_on
    group by opened.known_on, opened.chain_id, opened.order_no
),

dated as (
    select
        opened.*,
        orders_then.due_on,
        delivery_dates.last_delivery_on,
        receipt_dates.last_receipt_on,
        -- the settlement goes by the earliest delivery, else the earliest receipt, else the order
        coalesce(
            delivery_dates.first_delivery_on, receipt_dates.first_receipt_on, orders_then.order_date
        ) as settled_on,
        coalesce(
            delivery_dates.store_id, receipt_dates.store_id, orders_then.store_id, opened.store_id
        ) as ship_to_id,
        categories_then.category,
        cast(coalesce(delivery_dates.sent_back, 0) as decimal(18, 2)) as sent_back,
        cast(coalesce(stated.unstated, 0) as decimal(18, 2)) as unstated,
        cast(coalesce(stated.misstated, 0) as decimal(18, 2)) as misstated,
        cast(coalesce(stated.reported, 0) as decimal(18, 2)) as reported, stated.last_reported_on
    from opened
    left join orders_then using (known_on, chain_id, order_no)
    left join delivery_dates using (known_on, chain_id, order_no)
    left join receipt_dates using (known_on, chain_id, order_no)
    left join stated using (known_on, chain_id, order_no)
    left join categories_then using (known_on, chain_id, order_no)
),

final as (
    select * from dated
    union all by name
    select * from completed
)

select * from final
