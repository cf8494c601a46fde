-- One row per bank receipt, unit other than goods, debtor and store (transaction_no, unit_kind,
-- unit_no) and day on which what the payment clears of it changed: rests of invoices, deductions,
-- adjustments and items open before the first day, with the debtor and store they stand on. When a
-- rest or an item comes to stand on others, what was paid of it goes with it. What a payment takes
-- under a line of a paper is a deduction; what one brings under it is given back, also where another
-- version of the paper took a fee in its place.

with holders as (
    select
        'invoice' as unit_kind, invoice_no as unit_no, known_on, debtor_id, store_id,
        issued_on as document_on, invoice_no as document_no,
        case when is_red then 'red_invoice' else 'invoice' end as item_kind
    from settled.invoice_rests
    where known_on <= getvariable('day_until')
    union all
    select
        'opening_item', item_id, known_on, customer_id, store_id, document_on, document_no,
        case when is_invoiced then 'invoice' else 'uninvoiced' end
    from staged.opening_items
    where known_on <= getvariable('day_until') and is_gone is not true
),

held as (
    select
        *,
        lag(debtor_id) over unit as previous_debtor_id,
        lag(store_id) over unit as previous_store_id,
        lead(known_on, 1, date '9999-12-31') over unit as known_until
    from holders
    window unit as (partition by unit_kind, unit_no order by known_on)
),

moves as (
    select unit_kind, unit_no, known_on, debtor_id, store_id, previous_debtor_id, previous_store_id
    from held
    where
        known_on >= getvariable('day_from')
        and (debtor_id <> previous_debtor_id or store_id <> previous_store_id)
),

changes as not materialized (
    select
        known_on, received_on, account_no, transaction_no, chain_id, unit_kind, unit_no, amount,
        cast(null as varchar) as debtor_id, cast(null as varchar) as store_id, rule, evidence,
        file_id, sheet, row_no, 1 as turn
    from matched.clearings
    where unit_kind <> 'goods_receipt' and known_on <= getvariable('day_until')
    union all by name
    select *, 2 as turn
    from settled.consigned_payments
    where known_on <= getvariable('day_until')
),

new_clearings as (
    select
        known_on, min(received_on) as effective_on, account_no, transaction_no, chain_id,
        unit_kind, unit_no, sum(amount) as amount, min_by(rule, turn) as rule,
        min_by(evidence, turn) as evidence, min(debtor_id) as debtor_id, min(store_id) as store_id,
        min_by(file_id, turn) as file_id, min_by(sheet, turn) as sheet,
        min_by(row_no, turn) as row_no,
        case when unit_kind in ('deduction', 'adjustment') then unit_no end as line_no
    from changes
    where known_on >= getvariable('day_from')
    group by known_on, account_no, transaction_no, chain_id, unit_kind, unit_no
    having sum(amount) <> 0
),

-- what a payment holds of a line is taken below nothing and given back above
line_days as (
    select
        account_no, transaction_no, chain_id, unit_no, known_on,
        sum(sum(amount)) over (
            partition by account_no, transaction_no, chain_id, unit_no order by known_on
        ) as held_amount,
        sum(amount) as amount
    from changes
    semi join (
        select account_no, transaction_no, chain_id, unit_no
        from new_clearings
        where unit_kind = 'deduction'
    ) as own using (account_no, transaction_no, chain_id, unit_no)
    where unit_kind = 'deduction'
    group by account_no, transaction_no, chain_id, unit_no, known_on
),

line_sides as (
    select
        * exclude (held_amount, amount), 'deduction' as side,
        least(held_amount, 0) - least(held_amount - amount, 0) as amount
    from line_days
    union all
    select
        * exclude (held_amount, amount), 'given_back',
        greatest(held_amount, 0) - greatest(held_amount - amount, 0)
    from line_days
),

moved_clearings as (
    select
        moves.known_on, max(clearings.received_on) as effective_on, clearings.account_no,
        clearings.transaction_no, clearings.chain_id, clearings.unit_kind, clearings.unit_no,
        moves.debtor_id, moves.store_id, moves.previous_debtor_id, moves.previous_store_id,
        sum(clearings.amount) as amount, max_by(clearings.rule, clearings.known_on) as rule,
        max_by(clearings.evidence, clearings.known_on) as evidence,
        max_by(clearings.file_id, clearings.known_on) as file_id,
        max_by(clearings.sheet, clearings.known_on) as sheet,
        max_by(clearings.row_no, clearings.known_on) as row_no
    from moves
    inner join changes as clearings
        on
            moves.unit_kind = clearings.unit_kind
            and moves.unit_no = clearings.unit_no
            and moves.known_on > clearings.known_on
    group by
        moves.known_on, clearings.account_no, clearings.transaction_no, clearings.chain_id,
        clearings.unit_kind, clearings.unit_no, moves.debtor_id, moves.store_id,
        moves.previous_debtor_id, moves.previous_store_id
    having sum(clearings.amount) <> 0
),

clearings as (
    select * from new_clearings where unit_kind <> 'deduction'
    union all by name
    select new_clearings.* replace (line_sides.side as unit_kind, line_sides.amount as amount)
    from new_clearings
    inner join line_sides
        using (account_no, transaction_no, chain_id, unit_no, known_on)
    where new_clearings.unit_kind = 'deduction' and line_sides.amount <> 0
    union all by name
    select
        * exclude (previous_debtor_id, previous_store_id)
        replace ('comes with what it pays; ' || evidence as evidence)
    from moved_clearings
    union all by name
    select
        * exclude (previous_debtor_id, previous_store_id) replace (
            -amount as amount, previous_debtor_id as debtor_id, previous_store_id as store_id,
            'goes with what it pays; ' || evidence as evidence
        )
    from moved_clearings
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
    inner join matched.statement_debtors as debtors
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
        from matched.deduction_lines
        where paper_kind = 'remittance_advice' and debtor_id <> 'unknown:' || chain_id
    ) as lines
        on
            taken.chain_id = lines.chain_id
            and taken.line_no = lines.line_no
            and taken.first_on >= lines.known_on
    group by taken.chain_id, taken.line_no
),

payers as (
    select
        account_no, transaction_no,
        min_by(coalesce(payer_id, 'unknown:' || payer_name), known_on) as payer_id
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

placed as (
    select
        clearings.* replace (
            coalesce(
                clearings.debtor_id, held.debtor_id, statement_debtors.debtor_id,
                advice_debtors.debtor_id, payers.payer_id
            ) as debtor_id,
            coalesce(
                clearings.store_id, held.store_id, statement_stores.store_id,
                statement_debtors.party_id, statement_debtors.debtor_id, advice_debtors.store_id,
                payers.payer_id
            ) as store_id
        ),
        case
            when clearings.unit_kind = 'given_back' then 'deduction'
            else coalesce(held.item_kind, clearings.unit_kind)
        end as item_kind,
        coalesce(held.document_on, clearings.effective_on) as document_on,
        coalesce(held.document_no, clearings.unit_no) as document_no
    from clearings
    left join held
        on
            clearings.unit_kind = held.unit_kind
            and clearings.unit_no = held.unit_no
            and clearings.known_on >= held.known_on
            and clearings.known_on < held.known_until
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
    left join payers
        on
            clearings.account_no = payers.account_no
            and clearings.transaction_no = payers.transaction_no
),

final as (
    select
        known_on, max(effective_on) as effective_on, account_no, transaction_no, chain_id,
        unit_kind, unit_no, item_kind, debtor_id, store_id, document_on, document_no,
        cast(sum(amount) as decimal(18, 2)) as amount, max(rule) as rule,
        max(evidence) as evidence,
        min(file_id) as file_id, min(sheet) as sheet, min(row_no) as row_no
    from placed
    group by
        known_on, account_no, transaction_no, chain_id, unit_kind, unit_no, item_kind, debtor_id,
        store_id, document_on, document_no
    having sum(amount) <> 0
)

select * from final
