-- One row per closed day and group of customers that shows several signs of failing together (as_of,
-- customer_id: the head office, or a customer that has none; domain.md section 9): it pays slower
-- month by month, more and more is paid in part only, its stores close, its statements come late.
-- Policy says how many signs make a warning; all four, or three, are high, two are medium.

with policy as (
    select unnest(getvariable('policy').warnings)
),

days as (
    select
        as_of, cast(date_trunc('month', as_of) as date) as month_from,
        cast(date_trunc('month', as_of) - interval 3 month as date) as slower_from
    from (select unnest(getvariable('days')) as as_of)
),

accounts as (
    select as_of, customer_id, group_id, closed_on
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until')
),

payments as (
    select
        debtor_id, cast(date_trunc('month', paid_on) as date) as month,
        greatest(known_on, getvariable('day_from')) as counts_on,
        sum(amount) as paid, sum(amount * (paid_on - due_on)) as paid_days
    from rated.payments
    where
        known_on <= getvariable('day_until')
        and due_on is not null
        and paid_on >= date_trunc('month', getvariable('day_from')) - interval 3 month
    group by all
),

paid_by_month as (
    select
        days.as_of, accounts.group_id, payments.month,
        sum(payments.paid) as paid, sum(payments.paid_days) as paid_days
    from days
    inner join payments
        on
            payments.counts_on <= days.as_of
            and payments.month >= days.slower_from
            and payments.month < days.month_from
    inner join accounts
        on days.as_of = accounts.as_of and payments.debtor_id = accounts.customer_id
    group by days.as_of, accounts.group_id, payments.month
    having sum(payments.paid) > 0
),

late_by_month as (
    select
        as_of, group_id, month, cast(paid_days / paid as decimal(9, 1)) as days_late,
        lag(days_late) over months as days_late_before,
        lag(days_late, 2) over months as days_late_at_first
    from paid_by_month
    window months as (partition by as_of, group_id order by month)
),

slower as (
    select
        late_by_month.as_of, late_by_month.group_id,
        'paid ' || cast(days_late_at_first as varchar) || ', ' || cast(days_late_before as varchar)
        || ' and ' || cast(days_late as varchar)
        || ' days after the due date in the last three months' as sign
    from late_by_month
    cross join policy
    where
        days_late > days_late_before
        and days_late_before > days_late_at_first
        and days_late > 0
        and days_late - days_late_at_first >= policy.failing_slower_days
),

-- three slices a month apart
compared_days as (
    select as_of, 0 as turn, as_of as slice_on from days
    union all
    select as_of, 1, as_of - 30 from days
    union all
    select as_of, 2, as_of - 60 from days
),

slices as (
    select
        as_of as slice_on, debtor_id,
        sum(balance) filter (balance > 0 and balance < original_amount) as in_part,
        sum(balance) filter (balance > 0) as open_amount
    from settled.open_items
    where as_of in (select slice_on from compared_days)
    group by as_of, debtor_id
),

parts as (
    select
        compared_days.as_of, accounts.group_id,
        sum(slices.in_part) filter (compared_days.turn = 0) as now,
        sum(slices.in_part) filter (compared_days.turn = 1) as before,
        sum(slices.in_part) filter (compared_days.turn = 2) as at_first,
        sum(slices.open_amount) filter (compared_days.turn = 0) as open_amount
    from compared_days
    inner join slices using (slice_on)
    inner join accounts
        on compared_days.as_of = accounts.as_of and slices.debtor_id = accounts.customer_id
    group by compared_days.as_of, accounts.group_id
),

in_part as (
    select
        parts.as_of, parts.group_id,
        format('{:,.2f}', now) || ' is left of what they paid in part, after '
        || format('{:,.2f}', before) || ' 30 days and ' || format('{:,.2f}', at_first)
        || ' 60 days before' as sign
    from parts
    cross join policy
    where
        now > before
        and before > at_first
        and now * 100 >= open_amount * policy.failing_part_percent
),

closings as (
    select
        accounts.as_of, accounts.group_id,
        count(*) filter (
            accounts.closed_on <= accounts.as_of
            and accounts.closed_on > accounts.as_of - policy.failing_store_days
        ) as closed,
        count(*) filter (
            accounts.closed_on is null or accounts.closed_on > accounts.as_of - policy.failing_store_days
        ) as stores
    from accounts
    cross join policy
    where accounts.customer_id <> accounts.group_id
    group by accounts.as_of, accounts.group_id
),

closing as (
    select
        closings.as_of, closings.group_id,
        cast(closed as varchar) || ' of ' || cast(stores as varchar) || ' stores closed in '
        || cast(policy.failing_store_days as varchar) || ' days' as sign
    from closings
    cross join policy
    where closed >= 2 and closed * 100 >= stores * policy.failing_store_percent
),

-- each statement by the day it first came
statements as (
    select
        debtors.debtor_id, statements.chain_id, statements.statement_no,
        min(statements.known_on) as came_on,
        min_by(statements.period_end, statements.known_on) as period_end
    from staged.statements as statements
    inner join matched.statement_debtors as debtors using (known_on, chain_id, statement_no)
    where statements.known_on <= getvariable('day_until') and statements.period_end is not null
    group by debtors.debtor_id, statements.chain_id, statements.statement_no
),

habits as (
    select
        days.as_of, accounts.group_id, statements.debtor_id,
        max(statements.period_end) as last_end,
        max_by(statements.came_on - statements.period_end, statements.period_end) as last_lag,
        min(statements.period_end) as first_end,
        count(distinct statements.period_end) as periods,
        sum(statements.came_on - statements.period_end) as lags, count(*) as came
    from days
    inner join statements
        on statements.came_on <= days.as_of and statements.came_on > days.as_of - 400
    inner join accounts
        on days.as_of = accounts.as_of and statements.debtor_id = accounts.customer_id
    group by days.as_of, accounts.group_id, statements.debtor_id
    having count(distinct statements.period_end) >= 3
),

usual as (
    select
        *,
        cast(round((lags - last_lag) * 1.0 / (came - 1)) as integer) as usual_lag,
        cast(round((last_end - first_end) * 1.0 / (periods - 1)) as integer) as usual_interval
    from habits
),

-- of several debtors of a group the one that is most behind
late as (
    select
        usual.as_of, usual.group_id,
        case
            when last_lag > usual_lag + policy.failing_statement_days
                then 'the statement to ' || cast(last_end as varchar) || ' came '
                || cast(last_lag as varchar) || ' days after its period, usually '
                || cast(usual_lag as varchar)
            else 'no statement since the one to ' || cast(last_end as varchar)
                || ', the next was due around '
                || cast(last_end + usual_interval + usual_lag as varchar)
        end as sign
    from usual
    cross join policy
    where
        last_lag > usual_lag + policy.failing_statement_days
        or as_of > last_end + usual_interval + usual_lag + policy.failing_statement_days
    qualify row_number() over (
        partition by usual.as_of, usual.group_id order by last_end, usual.debtor_id
    ) = 1
),

signs as (
    select as_of, group_id, 1 as turn, sign from slower
    union all
    select as_of, group_id, 2, sign from in_part
    union all
    select as_of, group_id, 3, sign from closing
    union all
    select as_of, group_id, 4, sign from late
),

final as (
    select
        as_of, group_id as customer_id,
        case when count(*) >= 3 then 'high' else 'medium' end as severity,
        count(*) as signs, string_agg(sign, '; ' order by turn) as evidence
    from signs
    group by as_of, group_id
    having count(*) >= (select failing_signs from policy)
)

select * from final
