-- One row per goods receipt and invoice (chain_id, receipt_no, invoice_no) and day on which the
-- receipt was found among the only ones that sum to the invoice, or the sum was given up; `amount`
-- holds from then on, 0 is undone.

with sums as (
    select known_on, chain_id, invoice_no, verdict, receipt_no, amount, evidence, file_id, sheet,
        row_no
    from matched.invoice_sums
    where known_on <= getvariable('day_until')
),

answer_days as (
    select
        chain_id, invoice_no, known_on, any_value(verdict) as verdict,
        any_value(evidence) as evidence,
        lag(known_on) over (partition by chain_id, invoice_no order by known_on) as previous_on
    from sums
    group by chain_id, invoice_no, known_on
),

events as (
    select
        sums.known_on, sums.chain_id, sums.receipt_no, sums.invoice_no, sums.amount,
        sums.amount as change, sums.evidence, sums.file_id, sums.sheet, sums.row_no
    from sums
    where sums.verdict = 'one' and sums.known_on >= getvariable('day_from')
    union all
    select
        later.known_on, sums.chain_id, sums.receipt_no, sums.invoice_no, 0, -sums.amount,
        later.evidence, sums.file_id, sums.sheet, sums.row_no
    from answer_days as later
    inner join sums
        on
            later.chain_id = sums.chain_id
            and later.invoice_no = sums.invoice_no
            and later.previous_on = sums.known_on
    where sums.verdict = 'one' and later.known_on >= getvariable('day_from')
),

-- a receipt of a sum that is given up may be one of the next
changes as (
    select
        known_on, chain_id, receipt_no, invoice_no, sum(amount) as amount, sum(change) as change,
        max_by(evidence, amount) as evidence, min(file_id) as file_id, min(sheet) as sheet,
        min(row_no) as row_no
    from events
    group by known_on, chain_id, receipt_no, invoice_no
    having sum(change) <> 0
),

first_invoices as (
    select
        invoice_no, min_by(issued_on, known_on) as issued_on, bool_or(is_red) as is_red
    from staged.invoices
    semi join changes using (invoice_no)
    where known_on <= getvariable('day_until')
    group by invoice_no
),

final as (
    select
        changes.known_on, changes.chain_id, changes.receipt_no, changes.invoice_no,
        cast(changes.amount as decimal(18, 2)) as amount,
        cast(changes.change as decimal(18, 2)) as change,
        coalesce(ends.ended_effective_on, first_invoices.issued_on) as effective_on,
        first_invoices.issued_on, first_invoices.is_red, 'sum_of_receipts' as rule,
        true as is_inferred, changes.evidence, changes.file_id, changes.sheet, changes.row_no
    from changes
    inner join first_invoices on changes.invoice_no = first_invoices.invoice_no
    left join matched.invoice_ends as ends
        on changes.invoice_no = ends.invoice_no and changes.known_on = ends.known_on
)

select * from final
