-- One row per closed day and warning (as_of, warning_id) that stands on the day or cleared on it.
-- A warning is one and the same from the first closed day on which its condition holds until the
-- condition has been away for policy's days; that day shows it a last time, with `cleared_on`. A
-- condition that comes back before is the same warning, so it does not flap; later it is a new one.
-- `state` is standing, away (the condition no longer holds, but not for long enough), acknowledged or
-- snoozed by a person, or cleared. Graver than when it was answered, it stands again. `owner` is who
-- is responsible for the account.

with signals as (
    select as_of, kind, customer_id, about, severity, evidence
    from warned.signals
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
        lag(closed_days.day_no) over (
            partition by signals.kind, signals.customer_id, signals.about
            order by closed_days.day_no
        ) as day_no_before
    from signals
    inner join closed_days on signals.as_of = closed_days.as_of
),

parted as (
    select
        *,
        sum(
            case
                when day_no - day_no_before <= getvariable('policy').warnings.clear_after_days
                    then 0
                else 1
            end
        ) over (partition by kind, customer_id, about order by day_no) as life
    from numbered
),

lives as (
    select
        kind, customer_id, about, life, min(as_of) as first_on, max(day_no) as last_day_no
    from parted
    group by kind, customer_id, about, life
),

-- what was said of it stays to be read until the next signal
told as (
    select
        parted.*, lives.first_on,
        substr(
            md5(
                parted.kind || '|' || parted.customer_id || '|' || cast(lives.first_on as varchar)
                || case when parted.about = '' then '' else '|' || parted.about end
            ),
            1, 16
        ) as warning_id,
        case parted.severity when 'high' then 3 when 'medium' then 2 else 1 end as gravity,
        coalesce(
            lead(parted.day_no) over (
                partition by parted.kind, parted.customer_id, parted.about, parted.life
                order by parted.day_no
            ) - 1,
            lives.last_day_no + getvariable('policy').warnings.clear_after_days
        ) as until_day_no,
        lives.last_day_no + getvariable('policy').warnings.clear_after_days as clears_day_no
    from parted
    inner join lives using (kind, customer_id, about, life)
),

shown as (
    select
        closed_days.as_of, told.warning_id, told.kind, told.customer_id, told.about,
        told.first_on, told.severity, told.gravity, closed_days.day_no > told.day_no as is_away,
        case when closed_days.day_no = told.clears_day_no then closed_days.as_of end as cleared_on,
        case
            when closed_days.day_no = told.clears_day_no
                then 'cleared; on ' || cast(told.as_of as varchar) || ' still: '
            when closed_days.day_no > told.day_no
                then 'not since ' || cast(told.as_of as varchar) || ', and then: '
            else ''
        end
        || told.evidence as evidence
    from told
    inner join closed_days
        on closed_days.day_no >= told.day_no and closed_days.day_no <= told.until_day_no
    where closed_days.as_of >= getvariable('day_from')
),

decisions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by warning_id order by known_on, decided_on, decision
        ) as known_until
    from warned.warning_decisions
    where known_on <= getvariable('day_until') and misunderstood is null
),

-- how grave it was when it was answered: on the last closed day before the answer came
graveness as (
    select
        decisions.warning_id, decisions.known_on, decisions.decided_on,
        max_by(told.gravity, told.as_of) as gravity
    from decisions
    inner join told
        on decisions.warning_id = told.warning_id and told.as_of < decisions.known_on
    group by decisions.warning_id, decisions.known_on, decisions.decided_on
),

answered as (
    select
        shown.*, decisions.decision, decisions.decided_by, decisions.snoozed_until,
        decisions.note,
        coalesce(shown.gravity > graveness.gravity, false) as is_graver
    from shown
    left join decisions
        on
            shown.warning_id = decisions.warning_id
            and shown.as_of >= decisions.known_on
            and shown.as_of < decisions.known_until
    left join graveness
        on
            decisions.warning_id = graveness.warning_id
            and decisions.known_on = graveness.known_on
            and decisions.decided_on = graveness.decided_on
),

final as (
    select
        answered.as_of, answered.warning_id, answered.kind, accounts.chain_id,
        answered.customer_id, answered.about, answered.severity,
        case
            when answered.cleared_on is not null then 'cleared'
            when answered.is_away then 'away'
            when answered.is_graver then 'standing'
            when answered.decision = 'acknowledge' then 'acknowledged'
            when answered.decision = 'snooze' and answered.as_of < answered.snoozed_until
                then 'snoozed'
            else 'standing'
        end as state,
        answered.first_on, answered.cleared_on, answered.evidence,
        case
            when answered.decision is not null
                then answered.decision
                || coalesce(' until ' || cast(answered.snoozed_until as varchar), '')
                || coalesce(' by ' || answered.decided_by, '')
                || coalesce(': ' || answered.note, '')
                || case when answered.is_graver then '; graver since, so it stands again' else '' end
        end as answer,
        accounts.manager as owner,
        cast(
            answered.first_on + to_days(getvariable('policy').warnings.deadline_days) as date
        ) as deadline
    from answered
    left join rated.accounts
        on answered.as_of = accounts.as_of and answered.customer_id = accounts.customer_id
)

select * from final
