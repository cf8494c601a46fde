-- One row per closed day and reported incident of a customer (as_of, customer_id, about) for
-- policy's days after it became known. A later report of the same incident replaces the earlier; one
-- whose severity is `resolved` ends it. `about` is the incident's id. Severity is the report's,
-- where it is high, medium or low, else high.

with days as (
    select unnest(getvariable('days')) as as_of
),

reports as (
    select
        *,
        min(known_on) over (partition by incident_id) as first_known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by incident_id order by known_on
        ) as known_until
    from staged.incidents
    where known_on <= getvariable('day_until')
),

final as (
    select
        days.as_of, reports.customer_id, reports.incident_id as about,
        case
            when lower(trim(reports.severity)) in ('high', 'medium', 'low')
                then lower(trim(reports.severity))
            when trim(reports.severity) in ('中', '一般') then 'medium'
            when trim(reports.severity) in ('低', '轻微') then 'low'
            else 'high'
        end as severity,
        reports.kind || ' on ' || cast(reports.happened_on as varchar)
        || coalesce(': ' || reports.note, '')
        || coalesce(' (reported by ' || reports.reported_by || ')', '') as evidence
    from days
    inner join reports
        on
            days.as_of >= reports.known_on
            and days.as_of < reports.known_until
            and days.as_of
            < reports.first_known_on + getvariable('policy').warnings.incident_days
    where lower(trim(coalesce(reports.severity, ''))) not in ('resolved', '已解决', '解除')
)

select * from final
