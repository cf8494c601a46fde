-- One row per bank receipt and unit other than goods (transaction_no, unit_kind, unit_no) and day on
-- which what the payment clears of it changed: rests of invoices, deductions, adjustments and items
-- open before the first day, with the debtor and store they stand on.

with changes as (
    select
        known_on, received_on, account_no, transaction_no, chain_id, unit_kind, unit_no, amount,
        cast(null as varchar) as debtor_id, cast(null as varchar) as store_id, rule, evidence,
        file_id, sheet, row_no, 1 as turn
    from matched.clearings
    where
        unit_kind <> 'goods_receipt'
        and known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select *, 2 as turn
    from settled.consigned_payments
    where known_on between getvariable('day_from') and getvariable('day_until')
),

clearings as (
    select
        known_on, min(received_on) as effective_on, account_no, transaction_no, chain_id,
        unit_kind, unit_no, sum(amount) as amount, min_by(rule, turn) as rule,
        min_by(evidence, turn) as evidence, min(debtor_id) as debtor_id, min(store_id) as store_id,
        min_by(file_id, turn) as file_id, min_by(sheet, turn) as sheet,
        min_by(row_no, turn) as row_no,
        case when unit_kind = 'invoice' then unit_no end as invoice_no,
        case when unit_kind = 'opening_item' then unit_no end as item_id,
        case when unit_kind in ('deduction', 'adjustment') then unit_no end as line_no
    from changes
    group by known_on, account_no, transaction_no, chain_id, unit_kind, unit_no
    having sum(amount) <> 0
),

rests as (
    select
        invoice_no, debtor_id, store_id, issued_on, is_red, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by invoice_no order by known_on)
            as known_until
    from settled.invoice_rests
    where known_on <= getvariable('day_until')
),

-- what a deduction stands on is told by the paper as it was known when it was first taken
first_taken as (
    select
        chain_id, unit_no as line_no, split_part(unit_no, '#', 1) as statement_no,
        min(known_on) as first_on
    from matched.clearings
    semi join (
        select chain_id, line_no as unit_no from clearings where line_no is not null
    ) as own using (chain_id, unit_no)
    where known_on <= getvariable('day_until') and unit_kind in ('deduction', 'adjustment')
    group by chain_id, unit_no
),

statement_debtors as (
    select
        taken.chain_id, taken.line_no, max_by(debtors.debtor_id, debtors.known_on) as debtor_id,
        max_by({'id': debtors.party_id}, debtors.known_on).id as party_id
    from first_taken as taken
    inner join settled.statement_debtors as debtors
        on
            taken.chain_id = debtors.chain_id
            and taken.statement_no = debtors.statement_no
            and taken.first_on >= debtors.known_on
    group by taken.chain_id, taken.line_no
),

statement_stores as (
    select
        taken.chain_id, taken.line_no,
        max_by({'id': lines.store_id}, lines.known_on).id as store_id
    from first_taken as taken
    inner join (
        select
            chain_id, known_on, store_id,
            statement_no || '#' || cast(line_no as varchar) as line_no
        from staged.statement_lines
        where line_kind not in ('receipt', 'return')
    ) as lines
        on
            taken.chain_id = lines.chain_id
            and taken.line_no = lines.line_no
            and taken.first_on >= lines.known_on
    group by taken.chain_id, taken.line_no
),

-- a fee that an advice takes stands on the store or statement that it names, else on the payer
advice_debtors as (
    select
        taken.chain_id, taken.line_no, min_by(lines.debtor_id, lines.known_on) as debtor_id,
        min_by(lines.store_id, lines.known_on) as store_id
    from first_taken as taken
    inner join (
        select
            chain_id, known_on, debtor_id, store_id,
            paper_no || '#' || cast(line_no as varchar) as line_no
        from settled.deduction_lines
        where paper_kind = 'remittance_advice' and debtor_id <> 'unknown:' || chain_id
    ) as lines
        on
            taken.chain_id = lines.chain_id
            and taken.line_no = lines.line_no
            and taken.first_on >= lines.known_on
    group by taken.chain_id, taken.line_no
),

opening_items as (
    select
        item_id, min_by(customer_id, known_on) as customer_id,
        min_by({'id': store_id}, known_on).id as store_id,
        min_by(document_no, known_on) as document_no,
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
            clearings.debtor_id, rests.debtor_id, statement_debtors.debtor_id,
            advice_debtors.debtor_id, items.customer_id, payers.payer_id
        ) as debtor_id,
        coalesce(
            clearings.store_id, rests.store_id, statement_stores.store_id,
            statement_debtors.party_id, statement_debtors.debtor_id, advice_debtors.store_id,
            items.store_id, payers.payer_id
        ) as store_id,
        coalesce(rests.issued_on, items.document_on, clearings.effective_on) as document_on,
        coalesce(items.document_no, clearings.unit_no) as document_no,
        cast(clearings.amount as decimal(18, 2)) as amount, clearings.rule, clearings.evidence,
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
            and clearings.line_no = statement_debtors.line_no
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
