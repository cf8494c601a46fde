-- One row per open item of the asked paper, on the newest closed day: by which agreement it falls
-- due, counted for which date, and how the due date comes about.

with items as (
    select chain_id, receipt_no, invoice_no, item_kind, document_no, due_on
    from settled.open_items
    where
        as_of = $as_of
        and receipt_no is not null
        and chain_id is not distinct from $chain_id
        and $no = case $kind
            when 'order' then order_no
            when 'goods_receipt' then receipt_no
            when 'invoice' then invoice_no
            when 'red_invoice' then invoice_no
            when 'item' then item_id
        end
),

receivables as (
    select
        chain_id, receipt_no, agreement_id, term_kind, term_days, pay_days, statement_days, base_on
    from settled.receivables
    where (chain_id, receipt_no) in (select (chain_id, receipt_no) from items)
    qualify row_number() over (partition by chain_id, receipt_no order by known_on desc) = 1
),

handovers as (
    select invoice_no, coalesce(confirmed_on, handed_over_on) as handed_over_on
    from staged.invoice_handovers
    where invoice_no in (select invoice_no from items)
    qualify row_number() over (partition by invoice_no order by known_on desc) = 1
),

based as (
    select
        items.item_kind, items.document_no, items.receipt_no, items.due_on,
        receivables.agreement_id, receivables.term_kind, receivables.term_days,
        receivables.pay_days, receivables.statement_days,
        case
            when receivables.term_kind = 'invoice' then handovers.handed_over_on
            else receivables.base_on
        end as base_on
    from items
    inner join receivables using (chain_id, receipt_no)
    left join handovers using (invoice_no)
),

final as (
    select
        based.item_kind, based.document_no, based.receipt_no, based.agreement_id,
        based.term_kind || ' ' || based.term_days as term, based.base_on, based.due_on,
        case
            when based.term_kind is null then 'no terms are agreed, so nothing runs'
            when based.base_on is null and based.term_kind = 'invoice'
                then 'the invoice is not handed over, so nothing runs'
            when based.base_on is null and based.term_kind = 'batch'
                then 'the batch that releases it has not come, so nothing runs'
            else due_dates.explanation
        end as because
    from based
    left join settled.due_dates
        on
            based.term_kind = due_dates.term_kind
            and based.term_days = due_dates.term_days
            and based.pay_days = due_dates.pay_days
            and based.statement_days = due_dates.statement_days
            and based.base_on = due_dates.base_on
    order by based.due_on nulls last, based.document_no, based.receipt_no
)

select * from final
