-- One row per order, step and cause (chain_id, order_no, step, cause) and day on which the order
-- changed: why the later paper of the step says more or less than the earlier one. The rows of the
-- latest day of an order and step are the current ones; a difference that went away leaves one row
-- of nothing. Steps: delivery (against the order), receipt (against the delivery note), invoice and
-- statement (against what was accepted). A step has rows only when both its papers have come.
-- Lines of the same article are compared: first the quantity at the earlier price, then the tax
-- rate, then the price; what is left within five cents an article is rounding. What no lines
-- explain is unexplained, so the causes always sum to the difference.

with touched as (
    select distinct chain_id, order_no
    from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
),

states as (
    select states.known_on, states.chain_id, states.order_no, steps.step, steps.difference
    from matched.order_states as states
    semi join touched using (chain_id, order_no)
    cross join lateral (
        select unnest(
            [
                {
                    'step': 'delivery',
                    'difference': case
                        when states.delivered <> 0 and not states.is_implied
                            then states.delivered - states.ordered
                        else 0
                    end
                },
                {
                    'step': 'receipt',
                    'difference': case
                        when states.received <> 0 and states.delivered <> 0
                            then states.received + states.returned - states.delivered
                        else 0
                    end
                },
                {
                    'step': 'invoice',
                    'difference': case
                        when states.invoiced <> 0
                            then states.invoiced - states.received - states.returned
                        else 0
                    end
                },
                {
                    'step': 'statement',
                    'difference': case
                        when states.stated <> 0
                            then states.stated - states.received - states.returned
                        else 0
                    end
                }
            ],
            recursive := true
        )
    ) as steps
    where states.known_on <= getvariable('day_until')
),

changes as (
    select
        *,
        coalesce(
            lag(difference) over (partition by chain_id, order_no, step order by known_on), 0
        ) as previous_difference
    from states
),

differences as (
    select known_on, chain_id, order_no, step, cast(difference as decimal(18, 2)) as difference
    from changes
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (difference <> 0 or previous_difference <> 0)
),

open_days as (
    select distinct known_on, chain_id, order_no
    from differences
    where difference <> 0
),

open_orders as (
    select distinct chain_id, order_no from open_days
),

order_versions as (
    select
        orders.chain_id, orders.order_no, orders.known_on,
        lead(orders.known_on, 1, date '9999-12-31') over (
            partition by orders.chain_id, orders.order_no order by orders.known_on
        ) as known_until
    from staged.orders
    semi join open_orders using (chain_id, order_no)
),

delivery_versions as (
    select
        deliveries.chain_id, deliveries.delivery_no, deliveries.order_no, deliveries.known_on,
        lead(deliveries.known_on, 1, date '9999-12-31') over (
            partition by deliveries.chain_id, deliveries.delivery_no order by deliveries.known_on
        ) as known_until
    from staged.deliveries
    semi join (
        select deliveries.chain_id, deliveries.delivery_no
        from staged.deliveries
        semi join open_orders using (chain_id, order_no)
    ) as wanted using (chain_id, delivery_no)
),

placements as (
    select placements.*
    from matched.receipt_orders as placements
    semi join open_orders using (chain_id, order_no)
),

receipt_versions as (
    select
        receipts.chain_id, receipts.receipt_no, receipts.is_return, receipts.known_on,
        lead(receipts.known_on, 1, date '9999-12-31') over (
            partition by receipts.chain_id, receipts.receipt_no order by receipts.known_on
        ) as known_until
    from staged.goods_receipts as receipts
    semi join placements using (chain_id, receipt_no)
),

placed_receipts as (
    select
        open_days.known_on, open_days.chain_id, open_days.order_no, placements.receipt_no
    from open_days
    inner join placements
        on
            open_days.chain_id = placements.chain_id
            and open_days.order_no = placements.order_no
            and open_days.known_on >= placements.known_on
    group by open_days.known_on, open_days.chain_id, open_days.order_no, placements.receipt_no
    having sum(placements.placed) > 0
),

-- the lines that hold on a day, per article
lines as (
    select
        open_days.known_on, open_days.chain_id, open_days.order_no, 1 as place,
        rows.sku, rows.quantity, rows.amount, rows.tax_rate
    from open_days
    inner join order_versions as versions
        on
            open_days.chain_id = versions.chain_id
            and open_days.order_no = versions.order_no
            and open_days.known_on >= versions.known_on
            and open_days.known_on < versions.known_until
    inner join received.orders as rows
        on
            versions.chain_id = rows.chain_id
            and versions.order_no = rows.order_no
            and versions.known_on = rows.known_on
            and rows.is_standing
    union all
    select
        open_days.known_on, open_days.chain_id, open_days.order_no, 2,
        rows.sku, rows.quantity, rows.amount, rows.tax_rate
    from open_days
    inner join delivery_versions as versions
        on
            open_days.chain_id = versions.chain_id
            and open_days.order_no = versions.order_no
            and open_days.known_on >= versions.known_on
            and open_days.known_on < versions.known_until
    inner join received.deliveries as rows
        on
            versions.chain_id = rows.chain_id
            and versions.delivery_no = rows.delivery_no
            and versions.known_on = rows.known_on
            and rows.is_standing
    union all
    select
        placed_receipts.known_on, placed_receipts.chain_id, placed_receipts.order_no, 3,
        rows.sku, rows.quantity, rows.amount, rows.tax_rate
    from placed_receipts
    inner join receipt_versions as versions
        on
            placed_receipts.chain_id = versions.chain_id
            and placed_receipts.receipt_no = versions.receipt_no
            and placed_receipts.known_on >= versions.known_on
            and placed_receipts.known_on < versions.known_until
            and not versions.is_return
    inner join received.goods_receipts as rows
        on
            versions.chain_id = rows.chain_id
            and versions.receipt_no = rows.receipt_no
            and versions.known_on = rows.known_on
            and rows.is_standing
),

articles as (
    select
        known_on, chain_id, order_no, place, sku,
        sum(quantity) as quantity, sum(amount) as amount, max(tax_rate) as tax_rate
    from lines
    where sku is not null
    group by known_on, chain_id, order_no, place, sku
),

compared_places as (
    select 'delivery' as step, 1 as earlier_place, 2 as later_place
    union all
    select 'receipt', 2, 3
),

compared as (
    select
        coalesce(earlier.known_on, later.known_on) as known_on,
        coalesce(earlier.chain_id, later.chain_id) as chain_id,
        coalesce(earlier.order_no, later.order_no) as order_no,
        coalesce(earlier.step, later.step) as step,
        earlier.quantity as earlier_quantity, earlier.amount as earlier_amount,
        earlier.tax_rate as earlier_rate,
        later.quantity as later_quantity, later.amount as later_amount,
        later.tax_rate as later_rate
    from (
        select articles.*, compared_places.step
        from articles
        inner join compared_places on articles.place = compared_places.earlier_place
    ) as earlier
    full join (
        select articles.*, compared_places.step
        from articles
        inner join compared_places on articles.place = compared_places.later_place
    ) as later
        on
            earlier.known_on = later.known_on
            and earlier.chain_id = later.chain_id
            and earlier.order_no = later.order_no
            and earlier.step = later.step
            and earlier.sku = later.sku
),

by_quantity as (
    select
        *,
        coalesce(later_amount, 0) - coalesce(earlier_amount, 0) as difference,
        case
            when earlier_amount is null then later_amount
            when later_amount is null then -earlier_amount
            when coalesce(earlier_quantity, 0) = 0 or later_quantity is null then 0
            else cast(
                round(
                    (later_quantity - earlier_quantity)
                    * cast(earlier_amount / earlier_quantity as decimal(18, 6)),
                    2
                ) as decimal(18, 2)
            )
        end as quantity_part
    from compared
),

by_tax as (
    select
        *,
        case
            when earlier_amount is null or later_amount is null then 0
            when earlier_rate is null or later_rate is null or earlier_rate = later_rate then 0
            else cast(
                round(
                    later_amount
                    - cast(later_amount / (1 + later_rate) as decimal(18, 6)) * (1 + earlier_rate),
                    2
                ) as decimal(18, 2)
            )
        end as tax_part
    from by_quantity
),

split as (
    select *, difference - quantity_part - tax_part as price_part from by_tax
),

line_causes as (
    select
        known_on, chain_id, order_no, step,
        unnest(
            [
                {'cause': 'quantity', 'amount': cast(quantity_part as decimal(18, 2))},
                {'cause': 'tax', 'amount': cast(tax_part as decimal(18, 2))},
                {
                    'cause': case when abs(price_part) <= 0.05 then 'rounding' else 'price' end,
                    'amount': cast(price_part as decimal(18, 2))
                }
            ],
            recursive := true
        )
    from split
),

returned as (
    select
        states.known_on, states.chain_id, states.order_no, 'receipt' as step, 'return' as cause,
        states.returned as amount
    from matched.order_states as states
    inner join open_days using (known_on, chain_id, order_no)
    where states.returned <> 0 and states.received <> 0
),

-- returns that are not yet billed back, and goods whose invoice was reversed
receipt_days as (
    select
        placed_receipts.known_on, placed_receipts.chain_id, placed_receipts.order_no,
        placed_receipts.receipt_no,
        max_by(versions.is_return, versions.known_on) as is_return
    from placed_receipts
    inner join receipt_versions as versions
        on
            placed_receipts.chain_id = versions.chain_id
            and placed_receipts.receipt_no = versions.receipt_no
            and versions.known_on <= placed_receipts.known_on
    group by all
),

receipt_amounts as (
    select
        days.known_on, days.chain_id, days.order_no, days.receipt_no, days.is_return,
        max_by(receipts.amount, receipts.known_on) as amount
    from receipt_days as days
    inner join staged.goods_receipts as receipts
        on
            days.chain_id = receipts.chain_id
            and days.receipt_no = receipts.receipt_no
            and receipts.known_on <= days.known_on
    group by all
),

receipt_invoices as (
    select
        days.known_on, days.chain_id, days.order_no, days.receipt_no,
        sum(goods.change) as invoiced,
        sum(goods.change) filter (goods.amount = 0 and ends.invoice_no is not null) as reversed
    from receipt_days as days
    inner join matched.invoiced_goods as goods
        on
            days.chain_id = goods.chain_id
            and days.receipt_no = goods.receipt_no
            and goods.known_on <= days.known_on
    left join matched.invoice_ends as ends
        on goods.invoice_no = ends.invoice_no and goods.known_on = ends.known_on
    group by all
),

invoice_causes as (
    select
        amounts.known_on, amounts.chain_id, amounts.order_no, 'invoice' as step,
        case when amounts.is_return then 'return' else 'red_invoice' end as cause,
        case
            when amounts.is_return then coalesce(invoices.invoiced, 0) - amounts.amount
            -- no more than what is uninvoiced now was opened by the reversal
            else greatest(
                coalesce(invoices.reversed, 0),
                least(coalesce(invoices.invoiced, 0) - amounts.amount, 0)
            )
        end as amount
    from receipt_amounts as amounts
    left join receipt_invoices as invoices using (known_on, chain_id, order_no, receipt_no)
),

found as (
    select * from line_causes
    union all
    select * from returned
    union all
    select * from invoice_causes
),

explained as (
    select
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        found.cause, sum(found.amount) as amount
    from differences
    inner join found using (known_on, chain_id, order_no, step)
    where differences.difference <> 0 and found.amount <> 0
    group by
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        found.cause
),

unexplained as (
    select
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        'unexplained' as cause,
        differences.difference - coalesce(sum(explained.amount), 0) as amount,
        differences.difference
    from differences
    left join explained using (known_on, chain_id, order_no, step)
    group by
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        differences.difference
),

final as (
    select known_on, chain_id, order_no, step, cause, cast(amount as decimal(18, 2)) as amount
    from explained
    where amount <> 0
    union all
    select known_on, chain_id, order_no, step, cause, cast(amount as decimal(18, 2))
    from unexplained
    where amount <> 0 or difference = 0
)

select * from final
