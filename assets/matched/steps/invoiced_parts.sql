-- One row per invoice, goods receipt that it bills (invoice_no, chain_id, receipt_no) and stretch of days
-- from `starts_on` until before `ends_on` on which it bills `amount` of it while the receipt's order is
-- open or the receipt waits without one; and one without receipt for what no receipt explains and
-- nobody has paid. Signed like the invoice.

with window_orders as (
    select * from matched.steps.open_order_versions
),

nameless_receipts as (
    select
        chain_id, receipt_no, min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(receipt_date, known_on) as receipt_date
    from staged.goods_receipts
    where known_on <= getvariable('day_until') and order_no is null
    group by chain_id, receipt_no
),

first_placements as (
    select chain_id, receipt_no, min(known_on) as known_on
    from matched.receipt_orders
    semi join nameless_receipts using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

-- what no receipt explains, less what was paid for it
rest_days as (
    select invoice_no, known_on, sum(change) as change
    from (
        select invoice_no, known_on, change from matched.invoice_rests
        union all
        select unit_no, known_on, -amount from matched.clearings where unit_kind = 'invoice'
    )
    where known_on <= getvariable('day_until')
    group by invoice_no, known_on
),

rests as (
    select
        invoice_no, known_on as starts_on,
        lead(known_on, 1, date '9999-12-31') over invoice as ends_on,
        sum(change) over invoice as amount
    from rest_days
    window invoice as (partition by invoice_no order by known_on)
),

-- an invoice is one exception from its first day to its last, so all that it bills is looked at,
-- orders that were paid before the window included
billed_receipts as (
    select distinct chain_id, receipt_no
    from matched.invoiced_goods
    where
        known_on <= getvariable('day_until')
        and invoice_no in (
            select invoice_no
            from matched.invoiced_goods
            semi join (
                select receipts.chain_id, receipts.receipt_no
                from matched.receipt_orders as receipts
                semi join window_orders using (chain_id, order_no)
                union all
                select nameless.chain_id, nameless.receipt_no
                from nameless_receipts as nameless
                left join first_placements using (chain_id, receipt_no)
                where coalesce(first_placements.known_on, date '9999-12-31')
                    > getvariable('day_from')
            ) as receipts using (chain_id, receipt_no)
            union all
            select invoice_no from rests where amount > 0 and ends_on > getvariable('day_from')
        )
),

earlier_orders as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from matched.open_orders
    semi join (
        select chain_id, order_no
        from matched.receipt_orders
        semi join billed_receipts using (chain_id, receipt_no)
        where known_on <= getvariable('day_until')
    ) as billed using (chain_id, order_no)
    anti join window_orders using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

open_orders as (
    select * from window_orders where is_open
    union all
    select * from earlier_orders where is_open
),

placements as (
    select
        placements.chain_id, placements.receipt_no, placements.order_no, placements.placed,
        placements.known_on,
        lead(placements.known_on, 1, date '9999-12-31') over (
            partition by placements.chain_id, placements.receipt_no, placements.order_no
            order by placements.known_on
        ) as known_until
    from matched.receipt_orders as placements
    semi join open_orders using (chain_id, order_no)
    where placements.known_on <= getvariable('day_until')
),

-- a receipt that names no order waits on its own until it finds one
orderless_receipts as (
    select
        receipts.*, coalesce(first_placements.known_on, date '9999-12-31') as placed_on
    from nameless_receipts as receipts
    left join first_placements using (chain_id, receipt_no)
    left join billed_receipts
        on
            receipts.chain_id = billed_receipts.chain_id
            and receipts.receipt_no = billed_receipts.receipt_no
    where
        billed_receipts.receipt_no is not null
        or first_placements.known_on is null
        or first_placements.known_on > getvariable('day_from')
),

-- stretches of days on which a receipt waits for its money
open_receipts as (
    select
        open_orders.chain_id, placements.receipt_no, open_orders.order_no,
        open_orders.store_id, open_orders.ship_to_id, open_orders.category, open_orders.settled_on,
        greatest(placements.known_on, open_orders.known_on) as starts_on,
        least(placements.known_until, open_orders.known_until) as ends_on
    from open_orders
    inner join placements
        on
            open_orders.chain_id = placements.chain_id
            and open_orders.order_no = placements.order_no
            and placements.placed > 0
            and open_orders.known_on < placements.known_until
            and placements.known_on < open_orders.known_until
    union all
    select
        chain_id, receipt_no, null, store_id, store_id, null, receipt_date, known_on, placed_on
    from orderless_receipts
    where known_on < placed_on
),

goods as (
    select
        goods.chain_id, goods.receipt_no, goods.invoice_no, goods.amount, goods.known_on,
        lead(goods.known_on, 1, date '9999-12-31') over (
            partition by goods.chain_id, goods.receipt_no, goods.invoice_no order by goods.known_on
        ) as known_until
    from matched.invoiced_goods as goods
    semi join open_receipts using (chain_id, receipt_no)
    where goods.known_on <= getvariable('day_until')
),

explained as (
    select
        goods.invoice_no, goods.amount, receipts.* exclude (starts_on, ends_on),
        greatest(goods.known_on, receipts.starts_on) as starts_on,
        least(goods.known_until, receipts.ends_on) as ends_on
    from goods
    inner join open_receipts as receipts
        on
            goods.chain_id = receipts.chain_id
            and goods.receipt_no = receipts.receipt_no
            and goods.known_on < receipts.ends_on
            and receipts.starts_on < goods.known_until
    where goods.amount <> 0
),

invoices as (
    select
        invoice_no,
        min_by(coalesce(chain_id, 'unknown'), known_on) as chain_id,
        min_by(coalesce(buyer_id, 'unknown:' || buyer_name), known_on) as buyer_id,
        min_by(issued_on, known_on) as issued_on,
        min_by(is_red, known_on) as is_red,
        min_by(file_id, known_on) as file_id, min_by(sheet, known_on) as sheet,
        min_by(row_no, known_on) as row_no
    from staged.invoices
    where
        known_on <= getvariable('day_until')
        and invoice_no in (
            select invoice_no from explained
            union all
            select invoice_no from rests where amount > 0 and ends_on > getvariable('day_from')
        )
    group by invoice_no
),

final as (
    select
        invoices.* exclude (chain_id), explained.* exclude (invoice_no)
    from explained
    inner join invoices using (invoice_no)
    union all
    select
        invoices.* exclude (chain_id), rests.amount, invoices.chain_id, null, null,
        invoices.buyer_id, invoices.buyer_id, null, invoices.issued_on,
        rests.starts_on, rests.ends_on
    from rests
    inner join invoices using (invoice_no)
    where rests.amount > 0
)

select * from final
