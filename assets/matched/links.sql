-- One row per pair of papers (chain_id, from, to, rule) and day on which their link was made,
-- changed or undone. A row with `undone_on` says that the link holds no longer; the latest row of
-- a pair counts. `amount` is what the link explains. A link is known when the later paper is.
-- All rules here are exact references, so nothing is inferred.

with new_orders as (
    select distinct chain_id, order_no
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
),

new_deliveries as (
    select distinct chain_id, delivery_no
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
),

new_receipts as (
    select distinct chain_id, receipt_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
),

new_invoices as (
    select distinct invoice_no
    from staged.invoices
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- papers of the window, and earlier papers that name a paper of the window
touched_deliveries as (
    select chain_id, delivery_no from new_deliveries
    union
    select deliveries.chain_id, deliveries.delivery_no
    from staged.deliveries
    semi join new_orders using (chain_id, order_no)
    where deliveries.known_on <= getvariable('day_until')
),

touched_receipts as (
    select chain_id, receipt_no from new_receipts
    union
    select receipts.chain_id, receipts.receipt_no
    from staged.goods_receipts as receipts
    semi join new_orders using (chain_id, order_no)
    where receipts.known_on <= getvariable('day_until')
    union
    select receipts.chain_id, receipts.receipt_no
    from staged.goods_receipts as receipts
    semi join new_deliveries using (chain_id, delivery_no)
    where receipts.known_on <= getvariable('day_until')
),

deliveries as (
    select deliveries.*
    from staged.deliveries
    semi join touched_deliveries using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
),

receipts as (
    select receipts.*
    from staged.goods_receipts as receipts
    semi join touched_receipts using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

red_invoices as (
    select * from staged.invoices
    where
        known_on <= getvariable('day_until')
        and is_red
        and (
            invoice_no in (select invoice_no from new_invoices)
            or red_of_invoice_no in (select invoice_no from new_invoices)
        )
),

-- what each version of a paper says of another: at most one paper per rule
delivery_names_order as (
    select
        known_on, chain_id, 'order' as from_kind, order_no as from_no,
        'delivery' as to_kind, delivery_no as to_no, amount,
        'delivery_names_order' as rule, file_id, sheet, row_no
    from deliveries
),

receipt_names_order as (
    select
        known_on, chain_id, 'order' as from_kind, order_no as from_no,
        'goods_receipt' as to_kind, receipt_no as to_no, amount,
        'receipt_names_order' as rule, file_id, sheet, row_no
    from receipts
),

receipt_names_delivery as (
    select
        known_on, chain_id, 'delivery' as from_kind, delivery_no as from_no,
        'goods_receipt' as to_kind, receipt_no as to_no, amount,
        'receipt_names_delivery' as rule, file_id, sheet, row_no
    from receipts
),

red_invoice_names_invoice as (
    select
        known_on, coalesce(chain_id, 'unknown') as chain_id, 'invoice' as from_kind,
        red_of_invoice_no as from_no, 'red_invoice' as to_kind, invoice_no as to_no, amount,
        'red_invoice_names_invoice' as rule, file_id, sheet, row_no
    from red_invoices
),

saying as (
    select * from delivery_names_order
    union all
    select * from receipt_names_order
    union all
    select * from receipt_names_delivery
    union all
    select * from red_invoice_names_invoice
),

versions as (
    select
        *,
        lag(from_no) over paper as previous_no,
        lag(amount) over paper as previous_amount,
        lead(known_on, 1, date '9999-12-31') over paper as known_until,
        lead(from_no) over paper as next_no
    from saying
    window paper as (partition by rule, chain_id, to_no order by known_on)
),

named as (
    select distinct from_kind, chain_id, from_no from versions where from_no is not null
),

first_known as (
    select 'order' as from_kind, orders.chain_id, orders.order_no as from_no,
        min(orders.known_on) as first_known_on
    from staged.orders
    semi join (select chain_id, from_no as order_no from named where from_kind = 'order') as wanted
        using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
    group by orders.chain_id, orders.order_no
    union all
    select 'delivery', deliveries.chain_id, deliveries.delivery_no, min(deliveries.known_on)
    from staged.deliveries
    semi join
        (select chain_id, from_no as delivery_no from named where from_kind = 'delivery') as wanted
        using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
    group by deliveries.chain_id, deliveries.delivery_no
    union all
    select 'invoice', wanted.chain_id, invoices.invoice_no, min(invoices.known_on)
    from staged.invoices
    inner join named as wanted
        on wanted.from_kind = 'invoice' and invoices.invoice_no = wanted.from_no
    where invoices.known_on <= getvariable('day_until')
    group by wanted.chain_id, invoices.invoice_no
),

held as (
    select
        versions.*,
        greatest(versions.known_on, first_known.first_known_on) as made_on,
        -- an earlier version already said the same, and the named paper was known by then
        versions.previous_no is not distinct from versions.from_no
        and versions.previous_amount is not distinct from versions.amount
        and first_known.first_known_on < versions.known_on as is_repeated
    from versions
    inner join first_known
        on
            versions.from_kind = first_known.from_kind
            and versions.chain_id = first_known.chain_id
            and versions.from_no = first_known.from_no
    where greatest(versions.known_on, first_known.first_known_on) < versions.known_until
),

made as (
    select
        made_on as known_on, chain_id, from_kind, from_no, to_kind, to_no, amount, rule,
        'the ' || replace(split_part(rule, '_names_', 1), '_', ' ') || ' carries the number of the '
        || replace(split_part(rule, '_names_', 2), '_', ' ') as evidence,
        cast(null as date) as undone_on, file_id, sheet, row_no
    from held
    where not is_repeated
),

undone as (
    select
        known_until, chain_id, from_kind, from_no, to_kind, to_no, amount, rule,
        'a later version of the ' || replace(split_part(rule, '_names_', 1), '_', ' ')
        || ' carries another number' as evidence,
        known_until as undone_on, file_id, sheet, row_no
    from held
    where known_until < date '9999-12-31' and next_no is distinct from from_no
),

invoiced as (
    select
        known_on, chain_id, 'goods_receipt' as from_kind, receipt_no, 'invoice' as to_kind,
        invoice_no, amount, rule, evidence,
        case when amount = 0 then known_on end as undone_on, file_id, sheet, row_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
),

stated as (
    select
        known_on, chain_id, 'goods_receipt' as from_kind, receipt_no, 'statement' as to_kind,
        statement_no, amount, 'statement_names_receipt' as rule,
        case
            when amount = 0 then 'a later version of the statement no longer lists the receipt'
            else 'the statement lists the receipt'
        end as evidence,
        case when amount = 0 then known_on end as undone_on, file_id, sheet, row_no
    from matched.stated_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
),

paid as (
    select
        known_on, chain_id, reference_kind as from_kind, reference_no, 'bank_receipt' as to_kind,
        transaction_no, sum(amount) as amount, rule, min(evidence) as evidence,
        cast(null as date) as undone_on,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from matched.payment_claims
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, reference_kind, reference_no, transaction_no, rule
),

events as (
    select * from made
    union all
    select * from undone
    union all
    select * from invoiced
    union all
    select * from stated
    union all
    select * from paid
),

final as (
    select
        known_on, chain_id, from_kind, from_no, to_kind, to_no,
        cast(amount as decimal(18, 2)) as amount,
        rule, false as is_inferred, evidence, undone_on, file_id, sheet, row_no
    from events
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
