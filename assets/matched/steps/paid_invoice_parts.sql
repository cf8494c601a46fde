-- One row per payment, budget and part of an invoice that the payment names: goods that the invoice
-- bills, and the rest that no goods explain.
-- Takes `bases`.

with invoice_bases as (
    select * from bases where base_kind = 'invoice'
),

parts as (
    select
        invoice_bases.account_no, invoice_bases.transaction_no, invoice_bases.budget_no,
        invoice_bases.base_no, goods.chain_id, goods.receipt_no, goods.amount
    from invoice_bases
    inner join matched.invoiced_goods as goods
        on invoice_bases.base_no = goods.invoice_no and goods.known_on <= invoice_bases.known_on
    qualify row_number() over (
        partition by
            invoice_bases.account_no, invoice_bases.transaction_no, invoice_bases.budget_no,
            goods.invoice_no, goods.chain_id, goods.receipt_no
        order by goods.known_on desc
    ) = 1
),

-- what no goods explain, with the credit notes that name the invoice
rests as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, 'invoice' as base_kind,
        bases.base_no, 'invoice' as unit_kind, bases.base_no as unit_no,
        max_by(versions.issued_on, versions.known_on) as document_on,
        max_by(versions.amount, versions.known_on) as amount
    from invoice_bases as bases
    inner join matched.invoice_rests as versions
        on bases.base_no = versions.invoice_no and versions.known_on <= bases.known_on
    group by bases.account_no, bases.transaction_no, bases.budget_no, bases.base_no
),

final as (
    select
        account_no, transaction_no, budget_no, 'invoice' as base_kind, base_no,
        'goods_receipt' as unit_kind, receipt_no as unit_no, cast(null as date) as document_on,
        amount
    from parts
    where amount <> 0
    union all
    select * from rests
)

select * from final
