-- One row per paper, open item, warning, exception or customer that has the asked number (kind,
-- chain_id, no).
-- Large and small letters are the same; numbers without their leading zeros come second.

with papers as (
    select 'order' as kind, chain_id, order_no as no from staged.orders
    union
    select 'order', chain_id, order_no from matched.order_states
    union
    select 'delivery', chain_id, delivery_no from staged.deliveries
    union
    select 'goods_receipt', chain_id, receipt_no from staged.goods_receipts
    union
    select if(is_red, 'red_invoice', 'invoice'), coalesce(chain_id, 'unknown'), invoice_no
    from staged.invoices
    union
    select 'statement', chain_id, statement_no from staged.statements
    union
    select 'application', chain_id, application_no from staged.invoice_applications
    union
    select 'advice', chain_id, advice_no from staged.remittance_advices
    union
    select 'bank_receipt', coalesce(chain_id, 'unknown'), transaction_no from staged.bank_receipts
    union
    select 'item', chain_id, item_id from settled.ledger
    union
    select 'warning', chain_id, warning_id from warned.warnings
    union
    select 'exception', chain_id, exception_id
    from matched.exceptions
    where as_of = (select max(as_of) from matched.exceptions)
    union
    select 'exception', chain_id, exception_id from matched.closed_exceptions
    union
    select 'debtor', chain_id, customer_id from staged.customers
),

alike as (
    select
        kind, chain_id, no,
        lower(no) = lower($no) as is_exact
    from papers
    where
        ($chain_id is null or lower(chain_id) = lower($chain_id))
        and ($kind is null or kind = $kind)
        and (lower(no) = lower($no) or ltrim(lower(no), '0') = ltrim(lower($no), '0'))
),

final as (
    select kind, chain_id, no
    from alike
    where is_exact or not exists (select 1 from alike as others where others.is_exact)
    order by kind, chain_id, no
)

select * from final
