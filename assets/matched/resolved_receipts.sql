-- One row per goods receipt or return (chain_id, receipt_no) and day on which a version of it became
-- known, or the order or delivery note that it means was found or given up. `order_no` and
-- `delivery_no` are those meant, with `_as_sent` what the paper says; `came_on` is the day of the
-- version as sent.

with resolutions as (
    select
        chain_id, paper_no as receipt_no, names_kind, named_no, resolved_no, is_contradicted, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_no, names_kind, named_no order by known_on
        ) as known_until
    from matched.resolutions
    where known_on <= getvariable('day_until') and paper_kind = 'goods_receipt'
),

-- nearly every paper names by its very number what we have
plain as (
    select
        papers.*, order_no as order_no_as_sent, delivery_no as delivery_no_as_sent,
        known_on as came_on
    from staged.goods_receipts as papers
    anti join resolutions using (chain_id, receipt_no)
    where papers.known_on between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        papers.*,
        case
            when papers.order_no is not null or papers.delivery_no is null
                then coalesce(papers.order_no, '')
        end as order_named,
        lead(papers.known_on, 1, date '9999-12-31') over (
            partition by papers.chain_id, papers.receipt_no order by papers.known_on
        ) as known_until
    from staged.goods_receipts as papers
    semi join resolutions using (chain_id, receipt_no)
    where papers.known_on <= getvariable('day_until')
),

days as (
    select chain_id, receipt_no, known_on as day from versions
    union
    select chain_id, receipt_no, known_on from resolutions
),

of_orders as (
    select * from resolutions where names_kind = 'order'
),

of_deliveries as (
    select * from resolutions where names_kind = 'delivery'
),

held as (
    select
        versions.* exclude (known_on, known_until, order_no, delivery_no, order_named),
        days.day as known_on, versions.known_on as came_on,
        versions.order_no as order_no_as_sent, versions.delivery_no as delivery_no_as_sent,
        case
            when of_orders.is_contradicted then null
            else coalesce(of_orders.resolved_no, versions.order_no)
        end as order_no,
        case
            when of_deliveries.is_contradicted then null
            else coalesce(of_deliveries.resolved_no, versions.delivery_no)
        end as delivery_no
    from versions
    inner join days
        on
            versions.chain_id = days.chain_id
            and versions.receipt_no = days.receipt_no
            and days.day >= versions.known_on
            and days.day < versions.known_until
    left join of_orders
        on
            versions.chain_id = of_orders.chain_id
            and versions.receipt_no = of_orders.receipt_no
            and versions.order_named = of_orders.named_no
            and days.day >= of_orders.known_on
            and days.day < of_orders.known_until
    left join of_deliveries
        on
            versions.chain_id = of_deliveries.chain_id
            and versions.receipt_no = of_deliveries.receipt_no
            and coalesce(versions.delivery_no, '') = of_deliveries.named_no
            and days.day >= of_deliveries.known_on
            and days.day < of_deliveries.known_until
),

with_before as (
    select
        *,
        lag(order_no) over paper as order_no_before,
        lag(delivery_no) over paper as delivery_no_before
    from held
    window paper as (partition by chain_id, receipt_no order by known_on)
),

final as (
    select * from plain
    union all by name
    select * exclude (order_no_before, delivery_no_before)
    from with_before
    where
        known_on >= getvariable('day_from')
        and (
            known_on = came_on
            or order_no is distinct from order_no_before
            or delivery_no is distinct from delivery_no_before
        )
)

select * from final
