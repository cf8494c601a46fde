-- One row per store, receipt date and day on which accepted goods became known (known_on, chain_id,
-- store_id, sold_on): sales are goods receipts less returns, CNY, and what they cost us.
-- A later version of a receipt takes the earlier one away on the day it becomes known.
-- A line's cost is the cost of its article known when the line became known; `costed_amount` is
-- the part of the sales whose cost is known, `costed_amount_excl_tax` the same without tax.

with touched as (
    select distinct chain_id, receipt_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        known_on, chain_id, receipt_no, store_id, receipt_date as sold_on, amount, lines_known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from staged.goods_receipts
    semi join touched using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

articles as (
    select
        sku, unit_cost, tax_rate,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (partition by sku order by known_on)
            as known_until
    from staged.products
    where known_on <= getvariable('day_until')
),

costed_lines as (
    select
        lines.known_on, lines.chain_id, lines.receipt_no,
        sum(lines.amount) as costed_amount,
        sum(
            cast(
                lines.amount / (1 + coalesce(lines.tax_rate, articles.tax_rate))
                as decimal(18, 2)
            )
        ) as costed_amount_excl_tax,
        cast(
            sum(cast(lines.quantity as decimal(38, 4)) * articles.unit_cost) as decimal(18, 2)
        ) as cost
    from received.goods_receipts as lines
    semi join versions
        on
            lines.chain_id = versions.chain_id
            and lines.receipt_no = versions.receipt_no
            and lines.known_on = versions.lines_known_on
    inner join articles
        on
            lines.sku = articles.sku
            and lines.known_on >= articles.known_from
            and lines.known_on < articles.known_until
    where
        lines.is_standing
        and lines.known_on >= (select min(lines_known_on) from versions)
        and lines.known_on <= getvariable('day_until')
        and lines.quantity is not null
        and articles.unit_cost is not null
    group by lines.known_on, lines.chain_id, lines.receipt_no
),

valued as (
    select
        versions.*,
        coalesce(costed_lines.costed_amount, 0) as costed_amount,
        coalesce(costed_lines.costed_amount_excl_tax, 0) as costed_amount_excl_tax,
        coalesce(costed_lines.cost, 0) as cost
    from versions
    left join costed_lines
        on
            versions.chain_id = costed_lines.chain_id
            and versions.receipt_no = costed_lines.receipt_no
            and versions.lines_known_on = costed_lines.known_on
),

changes as (
    select
        known_on, chain_id, store_id, sold_on, amount, costed_amount, costed_amount_excl_tax, cost
    from valued
    where known_on >= getvariable('day_from')
    union all
    select
        known_until, chain_id, store_id, sold_on,
        -amount, -costed_amount, -costed_amount_excl_tax, -cost
    from valued
    where known_until between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        known_on, chain_id, store_id, sold_on,
        cast(sum(amount) as decimal(18, 2)) as amount,
        cast(sum(costed_amount) as decimal(18, 2)) as costed_amount,
        cast(sum(costed_amount_excl_tax) as decimal(18, 2)) as costed_amount_excl_tax,
        cast(sum(cost) as decimal(18, 2)) as cost
    from changes
    group by known_on, chain_id, store_id, sold_on
    having sum(amount) <> 0 or sum(costed_amount) <> 0 or sum(cost) <> 0
)

select * from final
