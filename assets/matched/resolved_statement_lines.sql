-- One row per line of a statement (chain_id, statement_no, line_no) and day on which a version of the
-- statement became known, or the receipt that one of its lines means was found or given up: a later
-- day replaces all lines. `receipt_no` is the receipt meant, `receipt_no_as_sent` what the line says;
-- `came_on` is the day of the version as sent.

with resolutions as (
    select
        chain_id, paper_no, named_no as receipt_no, resolved_no, is_contradicted, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_no, named_no order by known_on
        ) as known_until
    from matched.resolutions
    where known_on <= getvariable('day_until') and paper_kind = 'statement'
),

in_question as (
    select distinct chain_id, regexp_replace(paper_no, '#\d+$', '') as statement_no from resolutions
),

-- nearly every paper names by its very number what we have
plain as (
    select papers.*, receipt_no as receipt_no_as_sent, known_on as came_on
    from staged.statement_lines as papers
    anti join in_question using (chain_id, statement_no)
    where papers.known_on between getvariable('day_from') and getvariable('day_until')
),

version_rows as (
    select papers.*
    from staged.statement_lines as papers
    semi join in_question using (chain_id, statement_no)
    where papers.known_on <= getvariable('day_until')
),

versions as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until
    from (select distinct chain_id, statement_no, known_on from version_rows)
),

-- a paper is known anew, with all its rows, on each day on which one of them means another paper
days as (
    select chain_id, statement_no, known_on as came_on, known_until, known_on as day from versions
    union
    select
        version_rows.chain_id, version_rows.statement_no, versions.known_on, versions.known_until, resolutions.known_on
    from version_rows
    inner join versions using (chain_id, statement_no, known_on)
    inner join resolutions
        on
            version_rows.chain_id = resolutions.chain_id
            and version_rows.statement_no || '#' || version_rows.line_no = resolutions.paper_no
            and coalesce(version_rows.receipt_no, '') = resolutions.receipt_no
            and resolutions.known_on > versions.known_on
            and resolutions.known_on < versions.known_until
),

held as (
    select
        version_rows.* exclude (known_on, receipt_no),
        days.day as known_on, days.came_on,
        version_rows.receipt_no as receipt_no_as_sent,
        case
            when resolutions.is_contradicted then null
            else coalesce(resolutions.resolved_no, version_rows.receipt_no)
        end as receipt_no
    from version_rows
    inner join days
        on
            version_rows.chain_id = days.chain_id
            and version_rows.statement_no = days.statement_no
            and version_rows.known_on = days.came_on
    left join resolutions
        on
            version_rows.chain_id = resolutions.chain_id
            and version_rows.statement_no || '#' || version_rows.line_no = resolutions.paper_no
            and coalesce(version_rows.receipt_no, '') = resolutions.receipt_no
            and days.day >= resolutions.known_on
            and days.day < resolutions.known_until
    where days.day >= getvariable('day_from')
),

final as (
    select * from plain
    union all by name
    select * from held
)

select * from final
