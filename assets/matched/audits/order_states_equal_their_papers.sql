-- Every amount of an order's latest state equals what its papers say in their latest versions, for
-- the orders that changed in the window; of a large window some 20,000 of them are checked.

with changed as (
    select chain_id, order_no
    from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
),

touched as (
    select distinct chain_id, order_no
    from changed
    where hash(order_no) % (1 + (select count(*) from changed) // 20000) = 0
),

states as (
    select states.*
    from matched.order_states as states
    semi join touched using (chain_id, order_no)
    where states.known_on <= getvariable('day_until')
    qualify row_number() over (
        partition by states.chain_id, states.order_no order by states.known_on desc
    ) = 1
),

ordered as (
    select orders.chain_id, orders.order_no, max_by(orders.amount, orders.known_on) as ordered
    from staged.orders
    semi join touched using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
    group by orders.chain_id, orders.order_no
),

deliveries as (
    select
        deliveries.chain_id, deliveries.delivery_no,
        max_by(deliveries.amount, deliveries.known_on) as amount,
        arg_max_null(deliveries.order_no, deliveries.known_on) as order_no
    from matched.resolved_deliveries as deliveries
    semi join (
        select deliveries.chain_id, deliveries.delivery_no
        from matched.resolved_deliveries as deliveries
        semi join touched using (chain_id, order_no)
    ) as naming using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
    group by deliveries.chain_id, deliveries.delivery_no
),

delivered as (
    select chain_id, order_no, sum(amount) as delivered
    from deliveries
    group by chain_id, order_no
),

-- receipts that may stand on one of the orders, by any paper that names both
naming_receipts as (
    select receipts.chain_id, receipts.receipt_no
    from matched.resolved_receipts as receipts
    semi join touched using (chain_id, order_no)
    union
    select receipts.chain_id, receipts.receipt_no
    from matched.resolved_receipts as receipts
    semi join deliveries using (chain_id, delivery_no)
    union
    select applications.chain_id, applications.receipt_no
    from matched.resolved_applications as applications
    semi join touched using (chain_id, order_no)
    union
    select lines.chain_id, lines.receipt_no
    from matched.resolved_statement_lines as lines
    semi join touched using (chain_id, order_no)
),

latest_receipts as (
    select
        receipts.chain_id, receipts.receipt_no,
        max_by(receipts.amount, receipts.known_on) as amount,
        max_by(receipts.is_return, receipts.known_on) as is_return,
        arg_max_null(receipts.order_no, receipts.known_on) as order_no,
        arg_max_null(receipts.delivery_no, receipts.known_on) as delivery_no
    from matched.resolved_receipts as receipts
    semi join naming_receipts using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.receipt_no
),

notes as (
    select
        deliveries.chain_id, deliveries.delivery_no,
        arg_max_null(deliveries.order_no, deliveries.known_on) as order_no
    from matched.resolved_deliveries as deliveries
    semi join latest_receipts using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
    group by deliveries.chain_id, deliveries.delivery_no
),

receipts as (
    select
        receipts.chain_id, receipts.receipt_no, receipts.amount, receipts.is_return,
        coalesce(receipts.order_no, notes.order_no) as order_no
    from latest_receipts as receipts
    left join notes using (chain_id, delivery_no)
),

received as (
    select
        chain_id, order_no,
        coalesce(sum(amount) filter (not is_return), 0) as received,
        coalesce(sum(amount) filter (is_return), 0) as returned
    from receipts
    group by chain_id, order_no
),

invoiced as (
    select
        receipts.chain_id, receipts.order_no, sum(goods.change) as invoiced,
        coalesce(sum(goods.change) filter (handovers.invoice_no is not null), 0) as handed_over
    from matched.invoiced_goods as goods
    inner join receipts using (chain_id, receipt_no)
    left join (
        select distinct invoice_no
        from staged.invoice_handovers
        where known_on <= getvariable('day_until')
    ) as handovers using (invoice_no)
    where goods.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.order_no
),

paid as (
    select receipts.chain_id, receipts.order_no, sum(clearings.amount) as paid
    from matched.clearings
    inner join receipts
        on clearings.chain_id = receipts.chain_id and clearings.unit_no = receipts.receipt_no
    where
        clearings.unit_kind = 'goods_receipt' and clearings.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.order_no
),

named_rows as not materialized (
    select 'application' as paper, '' as paper_chain_id, application_no as paper_no, known_on,
        chain_id, receipt_no, order_no, amount as applied, 0 as stated
    from matched.resolved_applications as applications
    where known_on <= getvariable('day_until')
    union all
    select 'statement', chain_id, statement_no, known_on, chain_id, receipt_no, order_no, 0, amount
    from matched.resolved_statement_lines as lines
    where known_on <= getvariable('day_until') and line_kind in ('receipt', 'return')
),

papers as (
    select paper, paper_chain_id, paper_no from named_rows
    semi join receipts using (chain_id, receipt_no)
    union
    select paper, paper_chain_id, paper_no from named_rows
    semi join touched using (chain_id, order_no)
),

latest_days as (
    select paper, paper_chain_id, paper_no, max(named_rows.known_on) as known_on
    from named_rows
    semi join papers using (paper, paper_chain_id, paper_no)
    group by paper, paper_chain_id, paper_no
),

told as (
    select
        named_rows.chain_id, coalesce(receipts.order_no, named_rows.order_no) as order_no,
        sum(named_rows.applied) as applied, sum(named_rows.stated) as stated
    from named_rows
    semi join latest_days using (paper, paper_chain_id, paper_no, known_on)
    left join receipts
        on
            named_rows.chain_id = receipts.chain_id
            and named_rows.receipt_no = receipts.receipt_no
    group by all
),

by_papers as (
    select
        touched.chain_id, touched.order_no,
        coalesce(ordered.ordered, 0) as ordered,
        coalesce(delivered.delivered, 0) as delivered,
        coalesce(received.received, 0) as received,
        coalesce(received.returned, 0) as returned,
        coalesce(told.applied, 0) as applied,
        coalesce(invoiced.invoiced, 0) as invoiced,
        coalesce(invoiced.handed_over, 0) as handed_over,
        coalesce(told.stated, 0) as stated,
        coalesce(paid.paid, 0) as paid
    from touched
    left join ordered using (chain_id, order_no)
    left join delivered using (chain_id, order_no)
    left join received using (chain_id, order_no)
    left join told using (chain_id, order_no)
    left join invoiced using (chain_id, order_no)
    left join paid using (chain_id, order_no)
),

offences as (
    select states.known_on, states.stage, by_papers.*
    from by_papers
    inner join states using (chain_id, order_no)
    where
        states.ordered <> by_papers.ordered
        or states.delivered <> by_papers.delivered
        or states.received <> by_papers.received
        or states.returned <> by_papers.returned
        or states.applied <> by_papers.applied
        or states.invoiced <> by_papers.invoiced
        or states.handed_over <> by_papers.handed_over
        or states.stated <> by_papers.stated
        or states.paid <> by_papers.paid
)

select * from offences
