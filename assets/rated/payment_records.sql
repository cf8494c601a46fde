-- One row per closed day and rated customer (as_of, customer_id): how it paid over policy's last
-- months, CNY. What was paid by its due date, or before the clock ran, is on time. What is overdue
-- today counts as late by the days so far. Disputes are deductions taken that no agreement
-- supports. A promise is broken when its day has passed and less money came in time.
-- A head office's record is its group's; so is that of a branch that owes nothing itself.

with accounts as (
    select
        as_of, customer_id, group_id,
        case when is_debtor then customer_id else group_id end as record_of
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until') and is_rated
),

members as (
    select as_of, customer_id, customer_id as debtor_id from accounts
    union all
    select as_of, group_id, customer_id from accounts where group_id <> customer_id
),

days as (
    select unnest(getvariable('days')) as as_of
),

-- history in one row per debtor; only what enters or leaves in the window is kept by day
payments as (
    select
        debtor_id,
        greatest(known_on, paid_on, getvariable('day_from')) as counts_on,
        least(
            cast(paid_on + to_months(getvariable('policy').credit.record.months) as date),
            cast(getvariable('day_until') + interval 1 day as date)
        ) as leaves_on,
        sum(amount) as paid,
        sum(case when due_on < paid_on then 0 else amount end) as paid_on_time,
        sum(case when due_on < paid_on then amount * (paid_on - due_on) else 0 end)
            as paid_amount_days_late
    from rated.payments
    where
        known_on <= getvariable('day_until')
        and paid_on + to_months(getvariable('policy').credit.record.months)
        > getvariable('day_from')
    group by all
),

paid as (
    select
        members.as_of, members.customer_id,
        sum(payments.paid) as paid, sum(payments.paid_on_time) as paid_on_time,
        sum(payments.paid_amount_days_late) as paid_amount_days_late
    from members
    inner join payments
        on
            members.debtor_id = payments.debtor_id
            and members.as_of >= payments.counts_on
            and members.as_of < payments.leaves_on
    group by members.as_of, members.customer_id
),

-- a statement's later version replaces the deductions of the earlier one
statement_versions as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until
    from staged.statements
    where known_on <= getvariable('day_until')
),

-- a deduction weighed anew counts for what it came to last
verdicts as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id, came_on order by known_on
        ) as weighed_until
    from settled.deductions
    where known_on <= getvariable('day_until')
),

disputes as (
    select
        days.as_of, deductions.debtor_id,
        sum(deductions.disputed_amount) as disputed
    from verdicts as deductions
    inner join statement_versions as versions
        on
            deductions.chain_id = versions.chain_id
            and deductions.statement_no = versions.statement_no
            and deductions.came_on = versions.known_on
    inner join days
        on
            days.as_of >= greatest(deductions.known_on, deductions.stated_on)
            and days.as_of < least(versions.known_until, deductions.weighed_until)
            and days.as_of
            < deductions.stated_on + to_months(getvariable('policy').credit.record.months)
    where deductions.disputed_amount > 0 and deductions.deduction_kind <> 'paid_separately'
    group by days.as_of, deductions.debtor_id
),

disputed as (
    select members.as_of, members.customer_id, sum(disputes.disputed) as disputed
    from members
    inner join disputes
        on members.as_of = disputes.as_of and members.debtor_id = disputes.debtor_id
    group by members.as_of, members.customer_id
),

-- a promise is due from the day after its last day
promised as (
    select
        members.as_of, members.customer_id,
        count(*) as promises_due,
        count(*) filter (promises.promise_state = 'broken') as promises_broken
    from members
    inner join settled.promises_kept as promises
        on members.as_of = promises.as_of and members.debtor_id = promises.customer_id
    where
        promises.as_of > promises.pay_by
        and promises.as_of
        < promises.pay_by + to_months(getvariable('policy').credit.record.months)
    group by members.as_of, members.customer_id
),

overdue as (
    select
        members.as_of, members.customer_id,
        sum(greatest(exposures.overdue, 0)) as overdue,
        sum(greatest(exposures.overdue_amount_days, 0)) filter (exposures.overdue > 0)
            as overdue_amount_days
    from members
    inner join rated.exposures
        on members.as_of = exposures.as_of and members.debtor_id = exposures.customer_id
    group by members.as_of, members.customer_id
),

gathered as (
    select
        accounts.as_of, accounts.customer_id,
        greatest(coalesce(paid.paid, 0), 0) as paid,
        greatest(coalesce(paid.paid_on_time, 0), 0) as paid_on_time,
        greatest(coalesce(paid.paid_amount_days_late, 0), 0)
        + coalesce(overdue.overdue_amount_days, 0) as amount_days_late,
        coalesce(overdue.overdue, 0) as overdue,
        coalesce(disputed.disputed, 0) as disputed,
        coalesce(promised.promises_due, 0) as promises_due,
        coalesce(promised.promises_broken, 0) as promises_broken
    from accounts
    left join paid
        on accounts.as_of = paid.as_of and accounts.record_of = paid.customer_id
    left join overdue
        on accounts.as_of = overdue.as_of and accounts.record_of = overdue.customer_id
    left join disputed
        on accounts.as_of = disputed.as_of and accounts.record_of = disputed.customer_id
    left join promised
        on accounts.as_of = promised.as_of and accounts.record_of = promised.customer_id
),

final as (
    select
        as_of, customer_id,
        cast(paid as decimal(18, 2)) as paid,
        cast(least(paid_on_time, paid) as decimal(18, 2)) as paid_on_time,
        cast(overdue as decimal(18, 2)) as overdue,
        cast(disputed as decimal(18, 2)) as disputed,
        promises_due, promises_broken,
        case
            when paid + overdue > 0
                then cast(least(paid_on_time, paid) / (paid + overdue) as decimal(9, 4))
        end as on_time_share,
        case
            when paid + overdue > 0
                then cast(least(amount_days_late / (paid + overdue), 9999) as decimal(9, 2))
        end as days_late,
        case
            when paid > 0 then cast(least(disputed / paid, 9999) as decimal(9, 4))
            when disputed > 0 then cast(9999 as decimal(9, 4))
        end as disputed_share
    from gathered
)

select * from final
