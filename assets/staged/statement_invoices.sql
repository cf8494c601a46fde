-- One row per invoice and tax rate that a chain lists with a statement (chain_id, statement_no,
-- line_no) and day the list became known. The latest list known on a day counts on that day.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.statement_invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

resolutions as (
    select * from staged.steps.resolved_numbers
    where paper_kind = 'statement_invoice'
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
            and standing_rows.statement_no = resolutions.paper_no
            and standing_rows.invoice_no = resolutions.given_no
            and standing_rows.known_on >= resolutions.resolved_on
)

select * from final
