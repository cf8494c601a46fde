-- One row per order, step and article (chain_id, order_no, step, sku) and day on which the order
-- changed while the papers of the step differed: what the earlier and the later paper say of the
-- article that day. Compared where every line of both papers names its article and quantity;
-- returns are left out. A line without tax rate has that of the product; a line that names a barcode
-- means its article. Free goods move no money: they count only where all of an article was free.

with differences as (
    select known_on, chain_id, order_no, step
    from matched.step_differences
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and step in ('delivery', 'receipt')
        and difference <> 0
),

days as (
    select distinct known_on, chain_id, order_no from differences
),

orders_of_days as (
    select distinct chain_id, order_no from days
),

-- a version of a paper holds from its day until the day of the next one
order_versions as (
    select
        orders.chain_id, orders.order_no, orders.known_on, orders.lines_known_on,
        lead(orders.known_on, 1, date '9999-12-31') over (
            partition by orders.chain_id, orders.order_no order by orders.known_on
        ) as known_until
    from staged.orders
    semi join orders_of_days using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
),

delivery_versions as (
    select
        deliveries.chain_id, deliveries.delivery_no, deliveries.order_no, deliveries.known_on,
        deliveries.lines_known_on,
        lead(deliveries.known_on, 1, date '9999-12-31') over (
            partition by deliveries.chain_id, deliveries.delivery_no order by deliveries.known_on
        ) as known_until
    from matched.resolved_deliveries as deliveries
    semi join (
        select deliveries.chain_id, deliveries.delivery_no
        from matched.resolved_deliveries as deliveries
        semi join orders_of_days using (chain_id, order_no)
    ) as named using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
),

lines as (
    select
        days.known_on, days.chain_id, days.order_no, 'order' as paper,
        sent.sku, sent.quantity, sent.unit_price, sent.amount, sent.tax_rate
    from days
    inner join order_versions as versions
        on
            days.chain_id = versions.chain_id
            and days.order_no = versions.order_no
            and days.known_on >= versions.known_on
            and days.known_on < versions.known_until
    inner join received.orders as sent
        on
            versions.chain_id = sent.chain_id
            and versions.order_no = sent.order_no
            and versions.lines_known_on = sent.known_on
            and sent.is_standing
    union all
    select
        days.known_on, days.chain_id, days.order_no, 'delivery',
        sent.sku, sent.quantity, sent.unit_price, sent.amount, sent.tax_rate
    from days
    inner join delivery_versions as versions
        on
            days.chain_id = versions.chain_id
            and days.order_no = versions.order_no
            and days.known_on >= versions.known_on
            and days.known_on < versions.known_until
    inner join received.deliveries as sent
        on
            versions.chain_id = sent.chain_id
            and versions.delivery_no = sent.delivery_no
            and versions.lines_known_on = sent.known_on
            and sent.is_standing
    union all
    select
        receipts.known_on, receipts.chain_id, receipts.order_no,
        'goods_receipt', sent.sku, sent.quantity, sent.unit_price, sent.amount, sent.tax_rate
    from matched.steps.differing_receipts as receipts
    semi join days using (known_on, chain_id, order_no)
    inner join received.goods_receipts as sent
        on
            receipts.chain_id = sent.chain_id
            and receipts.receipt_no = sent.receipt_no
            and receipts.lines_known_on = sent.known_on
            and sent.is_standing
    where not receipts.is_return
),

products as (
    select
        sku, barcode, tax_rate, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by sku order by known_on)
            as known_until
    from staged.products
    where known_on <= getvariable('day_until')
),

-- chains often order by barcode
barcodes as (
    select said.known_on, said.sku as barcode, min(products.sku) as sku
    from (select distinct known_on, sku from lines) as said
    inner join products
        on
            said.sku = products.barcode
            and said.known_on >= products.known_on
            and said.known_on < products.known_until
    group by said.known_on, said.sku
    having count(distinct products.sku) = 1
),

articles_sent as (
    select
        lines.* replace (coalesce(barcodes.sku, lines.sku) as sku), lines.amount = 0 as is_free
    from lines
    left join barcodes on lines.known_on = barcodes.known_on and lines.sku = barcodes.barcode
),

articles as (
    select
        lines.known_on, lines.chain_id, lines.order_no, lines.paper, lines.sku,
        coalesce(sum(lines.quantity) filter (not lines.is_free), sum(lines.quantity)) as quantity,
        sum(lines.amount) as amount,
        bool_and(lines.sku is not null and lines.quantity is not null) as has_article,
        max(coalesce(lines.tax_rate, products.tax_rate)) as tax_rate,
        -- lines of one article at several prices have none
        case
            when
                min(lines.unit_price) filter (not lines.is_free)
                = max(lines.unit_price) filter (not lines.is_free)
                then min(lines.unit_price) filter (not lines.is_free)
        end as unit_price
    from articles_sent as lines
    left join products
        on
            lines.sku = products.sku
            and lines.known_on >= products.known_on
            and lines.known_on < products.known_until
    group by lines.known_on, lines.chain_id, lines.order_no, lines.paper, lines.sku
),

papers as (
    select
        known_on, chain_id, order_no, paper, bool_and(has_article) as has_articles
    from articles
    group by known_on, chain_id, order_no, paper
),

pairs as (
    select
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        earlier.paper as earlier_paper, later.paper as later_paper
    from differences
    inner join papers as earlier using (known_on, chain_id, order_no)
    inner join papers as later using (known_on, chain_id, order_no)
    where
        earlier.has_articles
        and later.has_articles
        and (differences.step, earlier.paper, later.paper) in (
            ('delivery', 'order', 'delivery'), ('receipt', 'delivery', 'goods_receipt')
        )
),

sides as (
    select pairs.step, true as is_earlier, articles.*
    from pairs
    inner join articles
        on
            pairs.known_on = articles.known_on
            and pairs.chain_id = articles.chain_id
            and pairs.order_no = articles.order_no
            and pairs.earlier_paper = articles.paper
    union all
    select pairs.step, false, articles.*
    from pairs
    inner join articles
        on
            pairs.known_on = articles.known_on
            and pairs.chain_id = articles.chain_id
            and pairs.order_no = articles.order_no
            and pairs.later_paper = articles.paper
),

-- max only picks the one row of each side
final as (
    select
        known_on, chain_id, order_no, step, sku,
        cast(max(quantity) filter (is_earlier) as decimal(18, 4)) as earlier_quantity,
        max(unit_price) filter (is_earlier) as earlier_price,
        max(tax_rate) filter (is_earlier) as earlier_rate,
        cast(max(amount) filter (is_earlier) as decimal(18, 2)) as earlier_amount,
        cast(max(quantity) filter (not is_earlier) as decimal(18, 4)) as later_quantity,
        max(unit_price) filter (not is_earlier) as later_price,
        max(tax_rate) filter (not is_earlier) as later_rate,
        cast(max(amount) filter (not is_earlier) as decimal(18, 2)) as later_amount
    from sides
    group by known_on, chain_id, order_no, step, sku
)

select * from final
