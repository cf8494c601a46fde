-- One row per bank receipt and unit other than goods (transaction_no, unit_kind, unit_no) and day on
-- which what the payment clears of it changed: rests of invoices, deductions, adjustments and items
-- open before the first day, with the debtor and store they stand on.

with clearings as (
    select
        known_on, received_on as effective_on, account_no, transaction_no, chain_id, unit_kind,
        unit_no, amount, rule, evidence, file_id, sheet, row_no,
        case when unit_kind = 'invoice' then unit_no end as invoice_no,
        case when unit_kind = 'opening_item' then unit_no end as item_id,
        case when unit_kind in ('deduction', 'adjustment') then unit_no end as line_no
    from matched.clearings
    where
        unit_kind <> 'goods_receipt'
        and known_on between getvariable('day_from') and getvariable('day_until')
),

rests as (
    select
        invoice_no, debtor_id, store_id, issued_on, is_red, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by invoice_no order by known_on)
            as known_until
    from settled.invoice_rests
    where known_on <= getvariable('day_until')
),

statement_debtors as (
    select
        chain_id, statement_no,
        min_by(debtor_id, known_on) as debtor_id, min_by(party_id, known_on) as party_id
    from settled.statement_debtors
    where known_on <= getvariable('day_until')
    group by chain_id, statement_no
),

statement_stores as (
    select
        chain_id, statement_no || '#' || cast(line_no as varchar) as line_no,
        min_by(store_id, known_on) as store_id
    from staged.statement_lines
    where
        known_on <= getvariable('day_until')
        and line_kind not in ('receipt', 'return')
        and store_id is not null
    group by all
),

-- a fee that an advice takes stands on the store or statement that it names, else on the payer
advice_debtors as (
    select
        chain_id, paper_no || '#' || cast(line_no as varchar) as line_no,
        min_by(debtor_id, known_on) as debtor_id, min_by(store_id, known_on) as store_id
    from settled.deduction_lines
    where
        known_on <= getvariable('day_until')
        and paper_kind = 'remittance_advice'
        and debtor_id <> 'unknown:' || chain_id
    group by all
),

opening_items as (
    select
        item_id, min_by(customer_id, known_on) as customer_id,
        min_by(store_id, known_on) as store_id, min_by(document_no, known_on) as document_no,
        min_by(document_on, known_on) as document_on, min_by(is_invoiced, known_on) as is_invoiced
    from staged.opening_items
    where known_on <= getvariable('day_until')
    group by item_id
),

payers as (
    select
        account_no, transaction_no,
        min_by(coalesce(payer_id, 'unknown:' || payer_name), known_on) as payer_id
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

final as (
    select
        clearings.known_on, clearings.effective_on, clearings.account_no,
        clearings.transaction_no, clearings.chain_id, clearings.unit_kind, clearings.unit_no,
        case
            when rests.is_red then 'red_invoice'
            when clearings.unit_kind = 'opening_item' and not items.is_invoiced then 'uninvoiced'
            when clearings.unit_kind = 'opening_item' then 'invoice'
            else clearings.unit_kind
        end as item_kind,
        coalesce(
            rests.debtor_id, statement_debtors.debtor_id, advice_debtors.debtor_id,
            items.customer_id, payers.payer_id
        ) as debtor_id,
        coalesce(
            rests.store_id, statement_stores.store_id, statement_debtors.party_id,
            statement_debtors.debtor_id, advice_debtors.store_id, items.store_id, payers.payer_id
        ) as store_id,
        coalesce(rests.issued_on, items.document_on, clearings.effective_on) as document_on,
        coalesce(items.document_no, clearings.unit_no) as document_no,
        clearings.amount, clearings.rule, clearings.evidence,
        clearings.file_id, clearings.sheet, clearings.row_no
    from clearings
    left join rests
        on
            clearings.invoice_no = rests.invoice_no
            and clearings.known_on >= rests.known_on
            and clearings.known_on < rests.known_until
    left join statement_debtors
        on
            clearings.chain_id = statement_debtors.chain_id
            and split_part(clearings.line_no, '#', 1) = statement_debtors.statement_no
    left join statement_stores
        on
            clearings.chain_id = statement_stores.chain_id
            and clearings.line_no = statement_stores.line_no
    left join advice_debtors
        on
            clearings.chain_id = advice_debtors.chain_id
            and clearings.line_no = advice_debtors.line_no
    left join opening_items as items on clearings.item_id = items.item_id
    left join payers
        on
            clearings.account_no = payers.account_no
            and clearings.transaction_no = payers.transaction_no
)

select * from final
