-- One row per review day and rated customer with money outside or another tier than at the review
-- before (as_of, customer_id), CNY: what the review twice a month is about. Review days are policy's
-- days of the month, the last day where the month is shorter. What is `due_by_deadline` and unpaid
-- is the responsible person's (`manager`) to collect by `deadline`, the first working day from so
-- many days after the review. A tier that differs from the review before is a proposed change.

with days as (
    select as_of
    from (select unnest(getvariable('days')) as as_of)
    where
        list_contains(
            list_transform(
                getvariable('policy').credit.review_days,
                lambda number: least(number, day(last_day(as_of)))
            ),
            day(as_of)
        )
),

-- the review before: the latest review day of this month or the one before
earlier_days as (
    select
        days.as_of,
        cast(unnest(generate_series(
            date_trunc('month', days.as_of) - interval 1 month,
            days.as_of - interval 1 day, interval 1 day
        )) as date) as day
    from days
),

reviews_before as (
    select as_of, max(day) as reviewed_on
    from earlier_days
    where
        list_contains(
            list_transform(
                getvariable('policy').credit.review_days,
                lambda number: least(number, day(last_day(earlier_days.day)))
            ),
            day(earlier_days.day)
        )
    group by as_of
),

deadlines as (
    select days.as_of, calendar.next_working_on as deadline
    from days
    inner join staged.calendar
        on days.as_of + getvariable('policy').credit.review_deadline_days = calendar.day
),

tiers as (
    select tiers.*
    from rated.credit_tiers as tiers
    semi join days on tiers.as_of = days.as_of
),

tiers_before as (
    select reviews_before.as_of, tiers.customer_id, tiers.credit_tier, reviews_before.reviewed_on
    from rated.credit_tiers as tiers
    inner join reviews_before on tiers.as_of = reviews_before.reviewed_on
),

accounts as (
    select accounts.as_of, accounts.customer_id, accounts.manager
    from rated.accounts
    semi join days on accounts.as_of = days.as_of
),

dues as (
    select
        items.as_of, items.debtor_id as customer_id, sum(items.balance) as due_by_deadline,
        min(items.due_on) filter (items.balance > 0) as oldest_due_on
    from settled.open_items as items
    inner join deadlines on items.as_of = deadlines.as_of and items.due_on <= deadlines.deadline
    group by items.as_of, items.debtor_id
),

limits as (
    select limits.as_of, limits.customer_id, limits.approval_id
    from rated.credit_limits as limits
    semi join days on limits.as_of = days.as_of
),

-- the approval as it is known on the review day
approvals as (
    select
        limits.as_of, limits.customer_id,
        arg_max_null(approvals.valid_to, approvals.known_on) as approval_ends_on
    from limits
    inner join staged.credit_approvals as approvals
        on limits.approval_id = approvals.approval_id and approvals.known_on <= limits.as_of
    group by limits.as_of, limits.customer_id
),

final as (
    select
        tiers.as_of, tiers.customer_id, tiers.chain_id, tiers.group_id, accounts.manager,
        tiers.customer_class, tiers.credit_tier, tiers_before.credit_tier as previous_tier,
        tiers_before.reviewed_on,
        coalesce(tiers_before.credit_tier <> tiers.credit_tier, false) as is_tier_proposed,
        tiers.credit_limit, tiers.judged_exposure,
        cast(greatest(tiers.judged_exposure - tiers.credit_limit, 0) as decimal(18, 2))
            as over_limit,
        approvals.approval_ends_on,
        tiers.open_receivables, tiers.accepted_uninvoiced, tiers.delivered_unreceived,
        tiers.unapplied_cash, tiers.exposure, tiers.overdue,
        cast(coalesce(dues.due_by_deadline, 0) as decimal(18, 2)) as due_by_deadline,
        dues.oldest_due_on, deadlines.deadline, tiers.action, tiers.reason
    from tiers
    inner join deadlines on tiers.as_of = deadlines.as_of
    inner join accounts
        on tiers.as_of = accounts.as_of and tiers.customer_id = accounts.customer_id
    left join tiers_before
        on tiers.as_of = tiers_before.as_of and tiers.customer_id = tiers_before.customer_id
    left join dues on tiers.as_of = dues.as_of and tiers.customer_id = dues.customer_id
    left join approvals
        on tiers.as_of = approvals.as_of and tiers.customer_id = approvals.customer_id
    where tiers.exposure <> 0 or tiers.overdue <> 0 or is_tier_proposed
)

select * from final
