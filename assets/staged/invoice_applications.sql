-- One row per row of an invoice application (application_no, line_no) and day it became known.
-- A later version of an application replaces all rows of the earlier one. A number that is only the
-- end of an invoice's number stands for that invoice; where the invoice becomes known after the
-- application, that day makes a version (staged.number_resolutions).

with standing_rows as not materialized (
    select * exclude (is_duplicate, is_standing)
    from received.invoice_applications
    where known_on <= getvariable('day_until') and is_standing
),

resolutions as (
    select * from staged.steps.resolved_numbers
    where paper_kind = 'invoice_application'
),

resolved_days as (
    select distinct paper_no as application_no, resolved_on
    from resolutions
    where resolved_on >= getvariable('day_from')
),

-- the version that held on a day on which one of its numbers was resolved
resolved_versions as (
    select standing_rows.* replace (resolved_days.resolved_on as known_on)
    from resolved_days
    inner join standing_rows
        on
            resolved_days.application_no = standing_rows.application_no
            and standing_rows.known_on <= resolved_days.resolved_on
    qualify
        standing_rows.known_on = max(standing_rows.known_on) over (
            partition by resolved_days.application_no, resolved_days.resolved_on
        )
        and standing_rows.known_on < resolved_days.resolved_on
),

papers as (
    select * from standing_rows where known_on >= getvariable('day_from')
    union all by name
    select * from resolved_versions
),

codes as (
    select * from staged.steps.store_code_versions
),

final as (
    select
        papers.* replace (coalesce(resolutions.invoice_no, papers.invoice_no) as invoice_no),
        papers.invoice_no as invoice_no_as_sent,
        row_number() over (
            partition by papers.known_on, papers.application_no order by papers.sheet, papers.row_no
        ) as line_no,
        case
            when papers.store_code is not null
                then coalesce(
                    codes.store_id, 'unknown:' || papers.chain_id || '/' || papers.store_code
                )
        end as store_id
    from papers
    left join resolutions
        on
            papers.application_no = resolutions.paper_no
            and papers.chain_id = resolutions.chain_id
            and papers.invoice_no = resolutions.given_no
            and papers.known_on >= resolutions.resolved_on
    left join codes
        on
            papers.chain_id = codes.chain_id
            and papers.store_code = codes.store_code
            and papers.known_on >= codes.known_from
            and papers.known_on < codes.known_until
            and papers.applied_on between codes.valid_from and codes.valid_to
)

select * from final
