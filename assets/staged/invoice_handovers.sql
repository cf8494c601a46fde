-- One row per invoice hand-over (invoice_no) and day on which a version of it became known.
-- A number that is only the end of an invoice's number stands for that invoice from the day on
-- which both papers are known (staged.number_resolutions); `invoice_no_as_sent` keeps it.

with standing_rows as not materialized (
    select * exclude (is_duplicate, is_standing)
    from received.invoice_handovers
    where known_on <= getvariable('day_until') and is_standing
),

resolutions as (
    select paper_no as given_no, invoice_no, known_on as resolved_on
    from staged.number_resolutions
    where
        paper_kind = 'invoice_handover'
        and verdict = 'resolved'
        and known_on <= getvariable('day_until')
),

-- papers of the window, and earlier ones whose invoice became known in it
papers as (
    select * from standing_rows where known_on >= getvariable('day_from')
    union all by name
    select standing_rows.* replace (resolutions.resolved_on as known_on)
    from standing_rows
    inner join resolutions on standing_rows.invoice_no = resolutions.given_no
    where
        resolutions.resolved_on >= getvariable('day_from')
        and standing_rows.known_on < resolutions.resolved_on
    qualify row_number() over (
        partition by standing_rows.invoice_no order by standing_rows.known_on desc
    ) = 1
),

named as (
    select
        papers.* replace (coalesce(resolutions.invoice_no, papers.invoice_no) as invoice_no),
        papers.invoice_no as invoice_no_as_sent
    from papers
    left join resolutions
        on papers.invoice_no = resolutions.given_no and papers.known_on >= resolutions.resolved_on
),

-- the whole number and its end in one day are one hand-over
final as (
    select * from named where invoice_no = invoice_no_as_sent
    union all
    select named.*
    from named
    anti join papers using (known_on, invoice_no)
    where named.invoice_no <> named.invoice_no_as_sent
    qualify row_number() over (
        partition by named.known_on, named.invoice_no
        order by length(named.invoice_no_as_sent) desc, named.invoice_no_as_sent
    ) = 1
)

select * from final
