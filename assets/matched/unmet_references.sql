-- One row per number that a paper names (chain_id, paper_kind, paper_no, names_kind, named_no) and
-- day on which a version of the paper became known while no paper had this very number. Only these
-- references are open to other rules than the exact number; the first day of each counts. A paper
-- that names none has the empty number.

with order_names as (
    select
        known_on, chain_id, 'delivery' as paper_kind, delivery_no as paper_no,
        coalesce(order_no, '') as named_no, store_id, delivery_date as document_on, amount,
        cast(null as varchar) as other_order_no, cast(null as varchar) as other_delivery_no,
        file_id, sheet, row_no
    from staged.deliveries
    where
        known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select
        known_on, chain_id, 'goods_receipt', receipt_no, coalesce(order_no, ''), store_id,
        receipt_date, amount, null, delivery_no, file_id, sheet, row_no
    from staged.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (order_no is not null or delivery_no is null)
),

delivery_names as (
    select
        known_on, chain_id, 'goods_receipt' as paper_kind, receipt_no as paper_no,
        coalesce(delivery_no, '') as named_no, store_id, receipt_date as document_on, amount,
        order_no as other_order_no, cast(null as varchar) as other_delivery_no,
        file_id, sheet, row_no
    from staged.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (delivery_no is not null or order_no is null)
),

-- a row that names a receipt stands where the receipt stands
receipt_names as (
    select
        known_on, chain_id, 'application' as paper_kind,
        application_no || '#' || line_no as paper_no,
        coalesce(receipt_no, '') as named_no, store_id,
        coalesce(delivery_date, applied_on) as document_on,
        amount, order_no as other_order_no, delivery_no as other_delivery_no,
        file_id, sheet, row_no
    from staged.invoice_applications
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (receipt_no is not null or order_no is not null or delivery_no is not null)
    union all
    select
        known_on, chain_id, 'statement', statement_no || '#' || line_no, receipt_no, store_id,
        document_date, amount, order_no, null, file_id, sheet, row_no
    from staged.statement_lines
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and receipt_no is not null
        and line_kind in ('receipt', 'return')
),

to_orders as (
    select 'order' as names_kind, names.*
    from order_names as names
    where not exists (
        select 1
        from staged.orders
        where
            orders.chain_id = names.chain_id
            and orders.order_no = names.named_no
            and orders.known_on <= names.known_on
    )
),

to_deliveries as (
    select 'delivery' as names_kind, names.*
    from delivery_names as names
    where not exists (
        select 1
        from staged.deliveries
        where
            deliveries.chain_id = names.chain_id
            and deliveries.delivery_no = names.named_no
            and deliveries.known_on <= names.known_on
    )
),

to_receipts as (
    select 'goods_receipt' as names_kind, names.*
    from receipt_names as names
    where not exists (
        select 1
        from staged.goods_receipts as receipts
        where
            receipts.chain_id = names.chain_id
            and receipts.receipt_no = names.named_no
            and receipts.known_on <= names.known_on
    )
),

final as (
    select *, number_key(named_no) as number_key
    from (
        select * from to_orders
        union all
        select * from to_deliveries
        union all
        select * from to_receipts
    )
)

select * from final
