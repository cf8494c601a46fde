-- What invoices explain of a receipt stays within the receipt, and what an invoice explains stays
-- within the invoice, for the papers touched in the window.

with touched as (
    select distinct chain_id, receipt_no, invoice_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
),

current_links as (
    select chain_id, receipt_no, invoice_no, amount
    from matched.invoiced_goods
    where
        known_on <= getvariable('day_until')
        and (
            receipt_no in (select receipt_no from touched)
            or invoice_no in (select invoice_no from touched)
        )
    qualify row_number() over (
        partition by chain_id, receipt_no, invoice_no order by known_on desc
    ) = 1
),

receipts as (
    select chain_id, receipt_no, max_by(amount, known_on) as amount
    from staged.goods_receipts
    where
        known_on <= getvariable('day_until')
        and receipt_no in (select receipt_no from touched)
    group by chain_id, receipt_no
),

by_receipt as (
    select chain_id, receipt_no, sum(amount) as explained
    from current_links
    where receipt_no in (select receipt_no from touched)
    group by chain_id, receipt_no
),

invoices as (
    select invoice_no, min_by(amount, known_on) as amount
    from staged.invoices
    where
        known_on <= getvariable('day_until')
        and invoice_no in (select invoice_no from touched)
    group by invoice_no
),

by_invoice as (
    select invoice_no, sum(amount) as explained
    from current_links
    where invoice_no in (select invoice_no from touched)
    group by invoice_no
),

offences as (
    select
        'receipt ' || chain_id || '/' || receipt_no as paper, receipts.amount, by_receipt.explained
    from by_receipt
    inner join receipts using (chain_id, receipt_no)
    where
        abs(by_receipt.explained) > abs(receipts.amount)
        or by_receipt.explained * sign(receipts.amount) < 0
    union all
    select 'invoice ' || invoice_no, invoices.amount, by_invoice.explained
    from by_invoice
    inner join invoices using (invoice_no)
    where
        abs(by_invoice.explained) > abs(invoices.amount)
        or by_invoice.explained * sign(invoices.amount) < 0
)

select * from offences
