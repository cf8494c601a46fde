-- One row per order (chain_id, order_no) and day on which its papers changed: by how much each of
-- its amounts changed that day. What stands on a receipt (its amount, what is applied for, invoiced,
-- handed over, stated, paid) counts for the order on which the receipt stands; an application row
-- or statement line whose receipt is not known counts for the order that it names itself.

with window_receipts as (
    select chain_id, receipt_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select chain_id, receipt_no
    from matched.receipt_orders
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select chain_id, receipt_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select chain_id, unit_no
    from matched.clearings
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and unit_kind = 'goods_receipt'
    union
    select goods.chain_id, goods.receipt_no
    from matched.invoiced_goods as goods
    semi join (
        select invoice_no
        from staged.invoice_handovers
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as handovers using (invoice_no)
    where goods.known_on <= getvariable('day_until')
),

-- rows of the versions that a window's applications bring or replace
application_days as (
    select
        application_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by application_no order by known_on
        ) as known_until
    from (
        select distinct application_no, known_on
        from staged.invoice_applications
        where known_on <= getvariable('day_until')
    )
),

application_rows as (
    select
        applications.chain_id, applications.receipt_no, applications.order_no, applications.amount,
        days.known_on, days.known_until
    from staged.invoice_applications as applications
    inner join application_days as days using (application_no, known_on)
    where applications.known_on <= getvariable('day_until')
),

statement_days as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until
    from staged.statements
    where known_on <= getvariable('day_until')
),

statement_rows as (
    select
        lines.chain_id, lines.receipt_no, lines.order_no, lines.amount,
        days.known_on, days.known_until
    from staged.statement_lines as lines
    inner join statement_days as days using (chain_id, statement_no, known_on)
    where
        lines.known_on <= getvariable('day_until')
        and lines.line_kind in ('receipt', 'return')
),

-- a row counts from its version's day until the next version's
rows_named as (
    select chain_id, receipt_no, order_no, known_on, amount as applied, 0 as stated
    from application_rows
    union all
    select chain_id, receipt_no, order_no, known_until, -amount, 0
    from application_rows
    where known_until <= getvariable('day_until')
    union all
    select chain_id, receipt_no, order_no, known_on, 0, amount
    from statement_rows
    union all
    select chain_id, receipt_no, order_no, known_until, 0, -amount
    from statement_rows
    where known_until <= getvariable('day_until')
),

touched_receipts as (
    select chain_id, receipt_no from window_receipts
    union
    select chain_id, receipt_no
    from rows_named
    where known_on between getvariable('day_from') and getvariable('day_until')
),

placements as (
    select placements.known_on, placements.chain_id, placements.receipt_no,
        placements.order_no, placements.placed
    from matched.receipt_orders as placements
    semi join touched_receipts using (chain_id, receipt_no)
    where placements.known_on <= getvariable('day_until')
),

first_placements as (
    select chain_id, receipt_no, min(known_on) as known_on
    from placements
    group by chain_id, receipt_no
),

receipt_versions as (
    select
        receipts.chain_id, receipts.receipt_no, receipts.known_on, receipts.is_return,
        receipts.amount,
        lead(receipts.known_on, 1, date '9999-12-31') over (
            partition by receipts.chain_id, receipts.receipt_no order by receipts.known_on
        ) as known_until
    from staged.goods_receipts as receipts
    semi join touched_receipts using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

first_handovers as (
    select invoice_no, min(known_on) as known_on
    from staged.invoice_handovers
    where known_on <= getvariable('day_until')
    group by invoice_no
),

invoiced as (
    select
        goods.chain_id, goods.receipt_no, goods.known_on, goods.change,
        case
            when handovers.known_on is not null
                then greatest(goods.known_on, handovers.known_on)
        end as handed_over_known_on
    from matched.invoiced_goods as goods
    semi join touched_receipts using (chain_id, receipt_no)
    left join first_handovers as handovers on goods.invoice_no = handovers.invoice_no
    where goods.known_on <= getvariable('day_until')
),

-- what changes on a receipt, day by day
on_receipts as (
    select
        chain_id, receipt_no, known_on,
        case when is_return then 0 else amount end as received,
        case when is_return then amount else 0 end as returned,
        0 as applied, 0 as invoiced, 0 as handed_over, 0 as stated, 0 as paid
    from receipt_versions
    union all
    select
        chain_id, receipt_no, known_until,
        case when is_return then 0 else -amount end, case when is_return then -amount else 0 end,
        0, 0, 0, 0, 0
    from receipt_versions
    where known_until <= getvariable('day_until')
    union all
    select chain_id, receipt_no, known_on, 0, 0, 0, change, 0, 0, 0
    from invoiced
    union all
    select chain_id, receipt_no, handed_over_known_on, 0, 0, 0, 0, change, 0, 0
    from invoiced
    where handed_over_known_on is not null
    union all
    select rows_named.chain_id, rows_named.receipt_no, rows_named.known_on, 0, 0,
        rows_named.applied, 0, 0, rows_named.stated, 0
    from rows_named
    semi join touched_receipts using (chain_id, receipt_no)
    union all
    select clearings.chain_id, clearings.unit_no, clearings.known_on, 0, 0, 0, 0, 0, 0,
        clearings.amount
    from matched.clearings
    semi join touched_receipts
        on clearings.chain_id = touched_receipts.chain_id
        and clearings.unit_no = touched_receipts.receipt_no
    where clearings.unit_kind = 'goods_receipt' and clearings.known_on <= getvariable('day_until')
),

receipt_days as (
    select
        chain_id, receipt_no, known_on,
        sum(received) as received, sum(returned) as returned, sum(applied) as applied,
        sum(invoiced) as invoiced, sum(handed_over) as handed_over, sum(stated) as stated,
        sum(paid) as paid
    from on_receipts
    group by chain_id, receipt_no, known_on
),

-- a receipt that comes to an order brings all that stands on it, one that leaves takes it along
by_receipt as (
    select
        greatest(receipt_days.known_on, placements.known_on) as known_on,
        placements.chain_id, placements.order_no,
        0 as ordered, 0 as delivered,
        placed * received as received, placed * returned as returned, placed * applied as applied,
        placed * invoiced as invoiced, placed * handed_over as handed_over,
        placed * stated as stated, placed * paid as paid
    from receipt_days
    inner join placements using (chain_id, receipt_no)
),

-- a row counts for the order it names as long as its receipt stands on no order
by_row as (
    select rows_named.known_on, rows_named.chain_id, rows_named.order_no, rows_named.applied,
        rows_named.stated
    from rows_named
    where rows_named.order_no is not null
    union all
    select
        greatest(rows_named.known_on, first_placements.known_on), rows_named.chain_id,
        rows_named.order_no, -rows_named.applied, -rows_named.stated
    from rows_named
    inner join first_placements using (chain_id, receipt_no)
    where rows_named.order_no is not null
),

order_versions as (
    select
        chain_id, order_no, known_on, amount,
        lag(amount, 1, 0) over (partition by chain_id, order_no order by known_on)
            as previous_amount
    from staged.orders
    where
        known_on <= getvariable('day_until')
        and (chain_id, order_no) in (
            select (chain_id, order_no)
            from staged.orders
            where known_on between getvariable('day_from') and getvariable('day_until')
        )
),

delivery_versions as (
    select
        chain_id, delivery_no, known_on, order_no, amount,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, delivery_no order by known_on
        ) as known_until
    from staged.deliveries
    where
        known_on <= getvariable('day_until')
        and (chain_id, delivery_no) in (
            select (chain_id, delivery_no)
            from staged.deliveries
            where known_on between getvariable('day_from') and getvariable('day_until')
        )
),

moves as (
    select * from by_receipt
    union all
    select known_on, chain_id, order_no, 0, 0, 0, 0, applied, 0, 0, stated, 0 from by_row
    union all
    select known_on, chain_id, order_no, amount - previous_amount, 0, 0, 0, 0, 0, 0, 0, 0
    from order_versions
    union all
    select known_on, chain_id, order_no, 0, amount, 0, 0, 0, 0, 0, 0, 0
    from delivery_versions
    where order_no is not null
    union all
    select known_until, chain_id, order_no, 0, -amount, 0, 0, 0, 0, 0, 0, 0
    from delivery_versions
    where order_no is not null and known_until <= getvariable('day_until')
),

final as (
    select
        known_on, chain_id, order_no,
        cast(sum(ordered) as decimal(18, 2)) as ordered,
        cast(sum(delivered) as decimal(18, 2)) as delivered,
        cast(sum(received) as decimal(18, 2)) as received,
        cast(sum(returned) as decimal(18, 2)) as returned,
        cast(sum(applied) as decimal(18, 2)) as applied,
        cast(sum(invoiced) as decimal(18, 2)) as invoiced,
        cast(sum(handed_over) as decimal(18, 2)) as handed_over,
        cast(sum(stated) as decimal(18, 2)) as stated,
        cast(sum(paid) as decimal(18, 2)) as paid
    from moves
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no
)

select * from final
