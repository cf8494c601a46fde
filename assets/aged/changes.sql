-- One row per closed day, debtor, store, cause, paper and day on which it happened (as_of,
-- chain_id, debtor_id, store_id, cause, paper_kind, paper_no, effective_on, known_on): by how much
-- the paper changed what the debtor owes, CNY. A ledger entry counts on the day on which it has both
-- happened and become known; what moves between items of one paper nets to zero and is left out.
-- Causes: `restated_statements` is money of an earlier payment that a statement, sent again, places
-- elsewhere; `restatements` are later versions of goods receipts; `reversals` are voided and red
-- invoices; `late_paper` are goods and invoices known more than policy's days after their date.
-- Money stays `cash` however long it took to be placed. Its paper is the bank receipt, that of a
-- reversal the invoice or what it gives back, that of everything else the goods receipt if any.

with new_entries as (
    select
        chain_id, debtor_id, store_id, item_id, item_kind, entry_kind, receipt_no, invoice_no,
        transaction_no, document_no, effective_on, known_on, amount, evidence,
        greatest(effective_on, known_on) as counts_on
    from settled.ledger
    where
        known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
        and (known_on >= getvariable('day_from') or effective_on >= getvariable('day_from'))
        and amount <> 0
),

corrected_rests as (
    select distinct invoice_no, known_on
    from new_entries
    where
        entry_kind in ('correction', 'moved') and invoice_no is not null and receipt_no is null
),

-- invoices whose goods were found: what the invoice billed without them goes away
explained_invoices as (
    select distinct ledger.invoice_no, ledger.known_on
    from settled.ledger
    semi join corrected_rests using (invoice_no, known_on)
    where ledger.receipt_no is not null and ledger.entry_kind = 'charge'
),

-- statements that were sent again with other lines
restated as (
    select distinct known_on, chain_id, statement_no, receipt_no
    from staged.statement_changes
    where known_on <= getvariable('day_until')
),

restated_receipts as (
    select distinct known_on, chain_id, receipt_no from restated where receipt_no is not null
),

restated_deductions as (
    select distinct restated.known_on, deductions.deduction_id as item_id
    from settled.deductions
    inner join restated
        on
            deductions.chain_id = restated.chain_id
            and deductions.statement_no = restated.statement_no
),

-- a payment that came on the very day is placed for the first time
fresh_payments as (
    select distinct known_on, transaction_no
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
),

keyed as (
    select
        *,
        case when receipt_no is null then invoice_no end as rest_invoice_no,
        case when transaction_no is not null then receipt_no end as paid_receipt_no,
        case when transaction_no is not null then item_id end as paid_item_id
    from new_entries
),

told as (
    select
        keyed.*,
        explained_invoices.invoice_no is not null as is_explained,
        keyed.transaction_no is not null
        and fresh_payments.transaction_no is null
        and (restated_receipts.receipt_no is not null or restated_deductions.item_id is not null)
            as is_restated
    from keyed
    left join explained_invoices
        on
            keyed.rest_invoice_no = explained_invoices.invoice_no
            and keyed.known_on = explained_invoices.known_on
    left join fresh_payments
        on
            keyed.transaction_no = fresh_payments.transaction_no
            and keyed.known_on = fresh_payments.known_on
    left join restated_receipts
        on
            keyed.paid_receipt_no = restated_receipts.receipt_no
            and keyed.chain_id = restated_receipts.chain_id
            and keyed.known_on = restated_receipts.known_on
    left join restated_deductions
        on
            keyed.paid_item_id = restated_deductions.item_id
            and keyed.known_on = restated_deductions.known_on
),

named as (
    select
        *,
        case
            when entry_kind = 'write_off' then 'write_offs'
            when is_restated then 'restated_statements'
            when entry_kind in ('cash', 'taken') then 'cash'
            when entry_kind in ('supported', 'repaid', 'accepted') then 'deductions'
            when entry_kind = 'moved' and not is_explained then 'transfers'
            when
                entry_kind in ('charge', 'correction')
                and receipt_no is null and invoice_no is null
                then 'opening_items'
            when entry_kind in ('reversal', 'reopened') then 'reversals'
            when item_kind = 'uninvoiced' and entry_kind = 'correction' then 'restatements'
            when is_explained then 'new_invoices'
            when rest_invoice_no is not null and (item_kind = 'red_invoice' or amount < 0)
                then 'reversals'
            when known_on - effective_on > getvariable('policy').aging.late_paper_days
                then 'late_paper'
            when receipt_no is not null and invoice_no is not null then 'new_invoices'
            when entry_kind = 'invoiced' then 'new_invoices'
            when item_kind = 'uninvoiced' and amount < 0 then 'returns'
            when item_kind = 'uninvoiced' then 'new_goods'
            else 'new_invoices'
        end as cause
    from told
),

-- what is invoiced and given back in one go is no reversal of its invoice
papered as (
    select
        *,
        case
            when cause = 'cash' then 'bank_receipt'
            when cause = 'reversals' and invoice_no is not null then 'invoice'
            when receipt_no is not null then 'goods_receipt'
            when invoice_no is not null then 'invoice'
            when item_kind in ('deduction', 'adjustment') then item_kind
            else 'opening_item'
        end as paper_kind,
        case paper_kind
            when 'bank_receipt' then coalesce(transaction_no, document_no)
            when 'invoice' then invoice_no
            when 'goods_receipt' then receipt_no
            else coalesce(document_no, item_id)
        end as paper_no
    from named
),

final as (
    select
        counts_on as as_of, chain_id, debtor_id, store_id, cause, paper_kind, paper_no,
        effective_on, known_on,
        cast(sum(amount) as decimal(18, 2)) as amount,
        min(evidence) as evidence
    from papered
    group by
        counts_on, chain_id, debtor_id, store_id, cause, paper_kind, paper_no, effective_on,
        known_on
    having sum(amount) <> 0
)

select * from final
