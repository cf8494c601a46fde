-- One row per closed day and warning (as_of, warning_id) that stands on the day or cleared on it.
-- A warning is one and the same from the first closed day on which its condition holds until the
-- first on which it does not; that day shows it a last time, with `cleared_on`. The same condition
-- later is a new warning. `owner` is who is responsible for the account.

with signals as (
    select as_of, 'over_limit' as kind, customer_id, severity, evidence
    from warned.over_limit_signals
    where as_of <= getvariable('day_until')
    union all
    select as_of, 'customer_lost', customer_id, severity, evidence
    from warned.customer_lost_signals
    where as_of <= getvariable('day_until')
    union all
    select as_of, 'sales_behind', customer_id, severity, evidence
    from warned.sales_behind_signals
    where as_of <= getvariable('day_until')
),

-- every closed day, whether or not anything was wrong on it
closed_days as (
    select as_of, row_number() over (order by as_of) as day_no
    from (
        select distinct as_of from rated.credit_tiers where as_of < getvariable('day_from')
        union
        select unnest(getvariable('days'))
    )
),

numbered as (
    select
        signals.*, closed_days.day_no,
        closed_days.day_no - row_number() over (
            partition by signals.kind, signals.customer_id order by closed_days.day_no
        ) as island
    from signals
    inner join closed_days on signals.as_of = closed_days.as_of
),

-- an unbroken row of days is one warning
lives as (
    select
        kind, customer_id, island, min(as_of) as first_on, max(day_no) as last_day_no
    from numbered
    group by kind, customer_id, island
),

standing as (
    select
        numbered.as_of, numbered.kind, numbered.customer_id, lives.first_on,
        cast(null as date) as cleared_on, numbered.severity, numbered.evidence
    from numbered
    inner join lives using (kind, customer_id, island)
),

clearing as (
    select
        next_days.as_of, lives.kind, lives.customer_id, lives.first_on,
        next_days.as_of as cleared_on, numbered.severity,
        'cleared; on ' || cast(numbered.as_of as varchar) || ' still: ' || numbered.evidence
            as evidence
    from lives
    inner join closed_days as next_days on lives.last_day_no + 1 = next_days.day_no
    inner join numbered
        on
            lives.kind = numbered.kind
            and lives.customer_id = numbered.customer_id
            and lives.last_day_no = numbered.day_no
),

shown as (
    select * from standing
    union all
    select * from clearing
),

final as (
    select
        shown.as_of,
        substr(
            md5(
                shown.kind || '|' || shown.customer_id || '|' || cast(shown.first_on as varchar)
            ),
            1, 16
        ) as warning_id,
        shown.kind, accounts.chain_id, shown.customer_id, shown.severity, shown.first_on,
        shown.cleared_on, shown.evidence, accounts.manager as owner,
        cast(
            shown.first_on + to_days(getvariable('policy').warnings.deadline_days) as date
        ) as deadline
    from shown
    left join rated.accounts
        on shown.as_of = accounts.as_of and shown.customer_id = accounts.customer_id
    where shown.as_of >= getvariable('day_from')
)

select * from final
