-- One row per invoice and tax rate that a chain lists with a statement (chain_id, statement_no,
-- line_no) and day the list became known. The latest list known on a day counts on that day.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.statement_invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

-- a number that is only the end of an invoice's number, as far as known on that day
resolutions as (
    select chain_id, paper_no as statement_no, given_no, invoice_no, known_on as resolved_on
    from staged.number_resolutions
    where
        paper_kind = 'statement_invoice'
        and verdict = 'resolved'
        and known_on <= getvariable('day_until')
),

final as (
    select
        standing_rows.* replace (
            coalesce(resolutions.invoice_no, standing_rows.invoice_no) as invoice_no
        ),
        standing_rows.invoice_no as invoice_no_as_sent
    from standing_rows
    left join resolutions
        on
            standing_rows.chain_id = resolutions.chain_id
            and standing_rows.statement_no = resolutions.statement_no
            and standing_rows.invoice_no = resolutions.given_no
            and standing_rows.known_on >= resolutions.resolved_on
)

select * from final
