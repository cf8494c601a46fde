-- One row per closed day and rated customer (as_of, customer_id): class, score with its parts,
-- tier, limit, exposure, what is overdue (CNY), and what to do. `previous_tier` is the tier of the closed
-- day before, null on a customer's first. A head office with an approval answers with its limit for
-- `group_exposure`, everybody else for the own exposure.
-- Actions, the gravest first: stop (overdue longer than policy allows), hold (overdue beyond
-- grace), reduce (habitually late: limit or term), watch (exposure near the limit), normal.

with limits as (
    select * from rated.credit_limits
    where as_of between getvariable('day_from') and getvariable('day_until')
),

classes as (
    select as_of, customer_id, customer_class, evidence
    from rated.customer_classes
    where as_of between getvariable('day_from') and getvariable('day_until')
),

exposures as (
    select * from rated.exposures
    where as_of between getvariable('day_from') and getvariable('day_until')
),

records as (
    select as_of, customer_id, days_late
    from rated.payment_records
    where as_of between getvariable('day_from') and getvariable('day_until')
),

parts as (
    select
        as_of, customer_id,
        list(
            {'part': part, 'points': points, 'weight': weight, 'evidence': evidence}
            order by weight desc, part
        ) as score_parts
    from rated.credit_scores
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, customer_id
),

day_before as (
    select max(as_of) as as_of from rated.credit_limits where as_of < getvariable('day_from')
),

-- the window's days and the closed day before them
known_tiers as (
    select limits.as_of, limits.customer_id, limits.credit_tier, limits.score
    from rated.credit_limits as limits
    semi join day_before on limits.as_of = day_before.as_of
    union all
    select as_of, customer_id, credit_tier, score from limits
),

previous as (
    select
        as_of, customer_id,
        lag(credit_tier) over customer as previous_tier,
        lag(score) over customer as previous_score
    from known_tiers
    window customer as (partition by customer_id order by as_of)
),

gathered as (
    select
        limits.*, exposures.* exclude (as_of, customer_id, group_id),
        classes.customer_class, classes.evidence as class_evidence, parts.score_parts,
        records.days_late, previous.previous_tier, previous.previous_score,
        case
            when limits.limit_basis = 'own'
                then coalesce(exposures.group_exposure, exposures.exposure)
            else exposures.exposure
        end as judged_exposure,
        getvariable('policy').credit as policy
    from limits
    inner join exposures using (as_of, customer_id)
    inner join classes using (as_of, customer_id)
    inner join parts using (as_of, customer_id)
    inner join records using (as_of, customer_id)
    inner join previous using (as_of, customer_id)
),

judged as (
    select
        *,
        case
            when
                overdue_beyond_grace > policy.hold_above
                and overdue_beyond_stop > policy.hold_above
                then 'stop'
            when overdue_beyond_grace > policy.hold_above then 'hold'
            when days_late >= policy.habitual_days_late then 'reduce'
            when
                judged_exposure > 0
                and judged_exposure >= cast(credit_limit as decimal(38, 2)) * policy.watch_share
                then 'watch'
            else 'normal'
        end as action
    from gathered
),

final as (
    select
        as_of, customer_id, chain_id, group_id, customer_class, credit_tier, score, score_parts,
        credit_limit, limit_basis, group_limit, exposure,
        case when limit_basis = 'own' then group_exposure end as group_exposure,
        judged_exposure, open_receivables, accepted_uninvoiced, delivered_unreceived,
        unapplied_cash, open_orders, overdue, overdue_beyond_grace, days_late, action,
        previous_tier,
        case
            when previous_tier <> credit_tier
                then 'tier ' || previous_tier || ' to ' || credit_tier || ': score '
                || cast(previous_score as varchar) || ' to ' || cast(score as varchar) || '; '
            else 'tier ' || credit_tier || ': score ' || cast(score as varchar) || '; '
        end
        || class_evidence || '; ' || limit_reason
        || case action
            when 'stop'
                then '; ' || format('{:,.2f}', overdue_beyond_stop) || ' overdue more than '
                || cast(policy.stop_overdue_days as varchar) || ' days: stop trading'
            when 'hold'
                then '; ' || format('{:,.2f}', overdue_beyond_grace) || ' overdue beyond '
                || cast(grace_days as varchar) || ' days of grace: hold shipments'
            when 'reduce'
                then '; pays ' || cast(days_late as varchar)
                || ' days late on average: reduce the limit or shorten the term'
            when 'watch'
                then '; exposure ' || format('{:,.2f}', judged_exposure) || ' of a limit of '
                || format('{:,.2f}', credit_limit) || ': watch'
            else ''
        end as reason
    from judged
)

select * from final
