-- One row per invoice (invoice_no) and day on which its unexplained rest changed: who owes it and
-- when. The store is that of the first goods the invoice explains, else its buyer; the due date
-- runs from the invoice date on the terms of that store.

with rests as (
    select * from matched.invoice_rests
    where known_on between getvariable('day_from') and getvariable('day_until')
),

papers as (
    select
        invoices.invoice_no,
        min_by(coalesce(invoices.buyer_id, 'unknown:' || invoices.buyer_name), invoices.known_on)
            as buyer_id,
        bool_or(invoices.is_red) as is_red
    from staged.invoices
    semi join rests using (invoice_no)
    where invoices.known_on <= getvariable('day_until')
    group by invoices.invoice_no
),

-- the goods explained first, known by the day of the row; of equal ones the smaller number
explained as (
    select rests.invoice_no, rests.known_on, goods.chain_id, goods.receipt_no
    from rests
    inner join matched.invoiced_goods as goods
        on rests.invoice_no = goods.invoice_no and goods.known_on <= rests.known_on
    qualify row_number() over (
        partition by rests.invoice_no, rests.known_on
        order by goods.known_on, goods.chain_id, goods.receipt_no
    ) = 1
),

explained_stores as (
    select
        explained.invoice_no, explained.known_on,
        receivables.store_id, receivables.debtor_id
    from explained
    inner join settled.receivables
        on
            explained.chain_id = receivables.chain_id
            and explained.receipt_no = receivables.receipt_no
            and receivables.known_on <= explained.known_on
    qualify row_number() over (
        partition by explained.invoice_no, explained.known_on order by receivables.known_on desc
    ) = 1
),

store_terms as (
    select * from staged.steps.store_term_versions
    where category is null
),

resolved as (
    select
        rests.*,
        papers.is_red,
        coalesce(explained_stores.store_id, papers.buyer_id) as store_id,
        coalesce(explained_stores.debtor_id, terms.debtor_id, papers.buyer_id) as debtor_id,
        terms.agreement_id, terms.term_kind, terms.term_days, terms.pay_days, terms.statement_days
    from rests
    inner join papers using (invoice_no)
    left join explained_stores using (invoice_no, known_on)
    left join store_terms as terms
        on
            rests.chain_id = terms.chain_id
            and coalesce(explained_stores.store_id, papers.buyer_id) = terms.store_id
            and rests.known_on >= terms.known_from
            and rests.known_on < terms.known_until
            and rests.issued_on between terms.valid_from and terms.valid_to
),

final as (
    select
        resolved.known_on, resolved.invoice_no, resolved.chain_id, resolved.is_red,
        resolved.store_id, resolved.debtor_id, resolved.issued_on, resolved.effective_on,
        resolved.amount, resolved.change, resolved.agreement_id, due_dates.due_on,
        resolved.file_id, resolved.sheet, resolved.row_no
    from resolved
    left join settled.due_dates
        on
            case when resolved.term_kind not in ('batch', 'consignment') then resolved.term_kind end
            = due_dates.term_kind
            and resolved.term_days = due_dates.term_days
            and resolved.pay_days = due_dates.pay_days
            and resolved.statement_days = due_dates.statement_days
            and resolved.issued_on = due_dates.base_on
)

select * from final
