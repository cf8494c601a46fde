-- One row per supermarket statement (chain_id, statement_no) and day a version became known: what is
-- to be invoiced (goods less the fees taken from the invoice) and what is payable (that less the fees
-- taken from the payment), worked out from the lines and held against what the chain prints, CNY.
-- Fees are positive when taken; those paid separately lower neither. `cause` says what a difference
-- is made of where one part of the statement explains it to the cent.

with lines as (
    select
        known_on, chain_id, statement_no, line_no, line_kind, amount, printed_invoiceable,
        printed_payable, file_id, sheet, row_no
    from staged.statement_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
),

kinds as (
    select known_on, chain_id, statement_no, line_no, deduction_kind
    from settled.deductions
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and paper_kind = 'statement'
),

sums as (
    select
        lines.known_on, lines.chain_id, lines.statement_no,
        coalesce(sum(lines.amount) filter (lines.line_kind in ('receipt', 'return')), 0) as goods,
        coalesce(sum(lines.amount) filter (lines.line_kind = 'adjustment'), 0) as adjustments,
        coalesce(sum(lines.amount) filter (lines.line_kind = 'prepayment'), 0) as prepayments,
        coalesce(-sum(lines.amount) filter (kinds.deduction_kind = 'invoice_deducted'), 0)
            as invoice_deducted,
        coalesce(-sum(lines.amount) filter (kinds.deduction_kind = 'cash_deducted'), 0)
            as cash_deducted,
        coalesce(-sum(lines.amount) filter (kinds.deduction_kind = 'paid_separately'), 0)
            as paid_separately,
        max(lines.printed_invoiceable) as printed_invoiceable,
        max(lines.printed_payable) as printed_payable,
        min(lines.file_id) as file_id, min_by(lines.sheet, lines.row_no) as sheet,
        min(lines.row_no) as row_no
    from lines
    left join kinds using (known_on, chain_id, statement_no, line_no)
    group by lines.known_on, lines.chain_id, lines.statement_no
),

worked_out as (
    select
        *,
        goods + adjustments - invoice_deducted as invoiceable,
        goods + adjustments + prepayments - invoice_deducted - cash_deducted as payable
    from sums
),

compared as (
    select
        *,
        printed_invoiceable - invoiceable as invoiceable_difference,
        printed_payable - payable as payable_difference,
        coalesce(printed_invoiceable <> invoiceable, false)
        or coalesce(printed_payable <> payable, false) as differs
    from worked_out
),

-- one part of the statement that is the difference of both figures, as far as they are printed
explained as (
    select
        *,
        case
            when printed_invoiceable is null and printed_payable is null then 'not_printed'
            when not differs then 'none'
            when
                coalesce(invoiceable_difference, 0) = 0
                and payable_difference = -paid_separately
                then 'paid_separately_taken'
            when coalesce(invoiceable_difference, 0) = 0 and payable_difference = 2 * cash_deducted
                then 'deductions_added'
            when coalesce(invoiceable_difference, 0) = 0 and payable_difference = cash_deducted
                then 'cash_deductions_left_out'
            when
                coalesce(payable_difference, 0) = 0 and invoiceable_difference = -cash_deducted
                then 'cash_deductions_taken_from_invoice'
            when
                coalesce(invoiceable_difference, invoice_deducted) = invoice_deducted
                and coalesce(payable_difference, invoice_deducted) = invoice_deducted
                then 'invoice_deductions_left_out'
            when
                coalesce(invoiceable_difference, -adjustments) = -adjustments
                and coalesce(payable_difference, -adjustments) = -adjustments
                then 'adjustments_left_out'
            when coalesce(invoiceable_difference, 0) = 0 and payable_difference = -prepayments
                then 'prepayments_left_out'
            else 'lines_do_not_sum'
        end as cause
    from compared
),

final as (
    select
        known_on, chain_id, statement_no,
        cast(goods as decimal(18, 2)) as goods_amount,
        cast(adjustments as decimal(18, 2)) as adjustments,
        cast(prepayments as decimal(18, 2)) as prepayments,
        cast(invoice_deducted as decimal(18, 2)) as invoice_deducted,
        cast(cash_deducted as decimal(18, 2)) as cash_deducted,
        cast(paid_separately as decimal(18, 2)) as paid_separately,
        cast(invoiceable as decimal(18, 2)) as invoiceable,
        cast(payable as decimal(18, 2)) as payable,
        printed_invoiceable, printed_payable,
        cast(invoiceable_difference as decimal(18, 2)) as invoiceable_difference,
        cast(payable_difference as decimal(18, 2)) as payable_difference,
        cause,
        case cause
            when 'not_printed' then 'the statement prints no total'
            when 'none' then 'the lines give what the statement prints'
            when 'paid_separately_taken' then 'fees to be paid separately are taken from the payment'
            when 'deductions_added' then 'deductions are added instead of taken: ask for their sign'
            when 'cash_deductions_left_out' then 'the printed total leaves the deductions out'
            when 'cash_deductions_taken_from_invoice'
                then 'fees taken from the payment are taken from the invoice, too'
            when 'invoice_deductions_left_out'
                then 'the printed total leaves the fees taken from the invoice out'
            when 'adjustments_left_out' then 'the printed total leaves the adjustments out'
            when 'prepayments_left_out' then 'the printed total leaves the prepayments out'
            else 'the lines do not sum to what is printed: ask the chain for the missing lines'
        end
        || case
            when payable < 0
                then '; the deductions are larger than the goods, and '
                    || cast(cast(-payable as decimal(18, 2)) as varchar) || ' is asked of us'
            else ''
        end as evidence,
        file_id, sheet, row_no
    from explained
)

select * from final
