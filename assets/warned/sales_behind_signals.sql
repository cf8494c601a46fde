-- One row per closed day and customer whose sales are behind (as_of, customer_id), for any of three
-- reasons, each with its figures in the evidence: the month so far is more than policy's percent
-- below the pace of the plan (the month's days in proportion), or as much below the same days of
-- the year before, or the store orders half as often as in the days before. The month is judged
-- from policy's day on. Sales are CNY; a head office's sales are its group's.

with accounts as (
    select as_of, customer_id, group_id, closed_on
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until')
),

policy as (
    select unnest(getvariable('policy').warnings)
),

days as (
    select
        as_of, cast(date_trunc('month', as_of) as date) as month_from,
        day(as_of) as days_gone, day(last_day(as_of)) as days_in_month,
        strftime(as_of, '%Y-%m') as month
    from (select unnest(getvariable('days')) as as_of)
),

judged_days as (
    select days.* from days, policy where days.days_gone >= policy.sales_behind_from_day
),

members as (
    select as_of, customer_id, customer_id as store_id from accounts
    union all
    select as_of, group_id, customer_id from accounts where group_id <> customer_id
),

-- only this month's days and the same days of the year before are needed
sales as (
    select
        store_id, sold_on, greatest(known_on, getvariable('day_from')) as counts_on,
        sum(amount) as amount
    from rated.sales
    where
        known_on <= getvariable('day_until')
        and (
            sold_on between date_trunc('month', getvariable('day_from'))
            and getvariable('day_until')
            or sold_on between date_trunc('month', getvariable('day_from')) - interval 1 year
            and getvariable('day_until') - interval 1 year
        )
    group by all
),

store_months as (
    select
        judged_days.as_of, sales.store_id,
        sum(sales.amount) filter (sales.sold_on >= judged_days.month_from) as this_year,
        sum(sales.amount) filter (sales.sold_on < judged_days.month_from) as last_year
    from judged_days
    inner join sales
        on
            sales.counts_on <= judged_days.as_of
            and (
                sales.sold_on between judged_days.month_from and judged_days.as_of
                or sales.sold_on between judged_days.month_from - interval 1 year
                and judged_days.as_of - interval 1 year
            )
    group by judged_days.as_of, sales.store_id
),

sold as (
    select
        members.as_of, members.customer_id,
        sum(store_months.this_year) as this_year, sum(store_months.last_year) as last_year
    from members
    inner join store_months
        on members.as_of = store_months.as_of and members.store_id = store_months.store_id
    group by members.as_of, members.customer_id
),

plan_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id, month, category order by known_on
        ) as known_until
    from staged.sales_plans
    where known_on <= getvariable('day_until')
),

-- a plan for all goods comes before the sum of plans by category
plans as (
    select
        judged_days.as_of, plan_versions.customer_id,
        coalesce(
            sum(plan_versions.planned_amount) filter (plan_versions.category is null),
            sum(plan_versions.planned_amount)
        ) as planned
    from judged_days
    inner join plan_versions
        on
            judged_days.month = plan_versions.month
            and judged_days.as_of >= plan_versions.known_on
            and judged_days.as_of < plan_versions.known_until
    group by judged_days.as_of, plan_versions.customer_id
),

order_days as (
    select store_id, ordered_on, greatest(known_on, ordered_on) as counts_on
    from warned.order_days, policy
    where
        known_on <= getvariable('day_until')
        and ordered_on
        > getvariable('day_from') - policy.frequency_days - policy.frequency_base_days
),

first_order_days as (
    select
        store_id, greatest(known_on, ordered_on, getvariable('day_from')) as counts_on,
        min(ordered_on) as first_on
    from warned.order_days
    where known_on <= getvariable('day_until')
    group by all
),

frequencies as (
    select
        days.as_of, order_days.store_id as customer_id,
        count(*) filter (order_days.ordered_on > days.as_of - policy.frequency_days) as recent,
        count(*) filter (order_days.ordered_on <= days.as_of - policy.frequency_days) as base,
        any_value(policy.frequency_days) as frequency_days,
        any_value(policy.frequency_base_days) as frequency_base_days
    from days
    cross join policy
    inner join order_days
        on
            order_days.counts_on <= days.as_of
            and order_days.ordered_on
            > days.as_of - policy.frequency_days - policy.frequency_base_days
    group by days.as_of, order_days.store_id
),

-- judged only where the whole time before is known, and was not a handful of orders
halved as (
    select frequencies.*
    from frequencies
    semi join first_order_days
        on
            frequencies.customer_id = first_order_days.store_id
            and frequencies.as_of >= first_order_days.counts_on
            and frequencies.as_of - frequencies.frequency_days - frequencies.frequency_base_days
            >= first_order_days.first_on - 1
    where
        frequencies.base * frequencies.frequency_days >= 2 * frequencies.frequency_base_days
        and frequencies.recent * 2 * frequencies.frequency_base_days
        <= frequencies.base * frequencies.frequency_days
),

gathered as (
    select
        accounts.as_of, accounts.customer_id, accounts.closed_on,
        coalesce(sold.this_year, 0) as this_year, sold.last_year, plans.planned,
        judged_days.days_gone, judged_days.days_in_month,
        judged_days.as_of is not null as is_judged,
        halved.recent, halved.base, halved.frequency_days, halved.frequency_base_days,
        100 - cast(policy.sales_behind_percent as decimal(9, 4)) as percent_left
    from accounts
    cross join policy
    left join judged_days on accounts.as_of = judged_days.as_of
    left join sold on accounts.as_of = sold.as_of and accounts.customer_id = sold.customer_id
    left join plans on accounts.as_of = plans.as_of and accounts.customer_id = plans.customer_id
    left join halved
        on accounts.as_of = halved.as_of and accounts.customer_id = halved.customer_id
),

reasoned as (
    select
        *,
        case
            when
                is_judged and planned > 0
                and this_year * 100 * days_in_month < planned * days_gone * percent_left
                then format('{:,.2f}', this_year) || ' this month is '
                || format('{:.1f}', this_year * 100 * days_in_month / (planned * days_gone))
                || ' % of the plan''s pace (' || format('{:,.2f}', planned) || ' in the month, '
                || cast(days_gone as varchar) || ' of ' || cast(days_in_month as varchar)
                || ' days gone)'
        end as behind_plan,
        case
            when is_judged and last_year > 0 and this_year * 100 < last_year * percent_left
                then format('{:,.2f}', this_year) || ' this month against '
                || format('{:,.2f}', last_year) || ' in the same days of the year before'
        end as behind_last_year,
        case
            when recent is not null
                then cast(recent as varchar) || ' order days in '
                || cast(frequency_days as varchar) || ' days against ' || cast(base as varchar)
                || ' in the ' || cast(frequency_base_days as varchar) || ' days before'
        end as orders_halved
    from gathered
    where coalesce(closed_on >= as_of, true)
),

final as (
    select
        as_of, customer_id, 'medium' as severity,
        behind_plan is not null as is_behind_plan,
        behind_last_year is not null as is_behind_last_year,
        orders_halved is not null as is_ordering_half,
        concat_ws('; ', behind_plan, behind_last_year, orders_halved) as evidence
    from reasoned
    where
        behind_plan is not null or behind_last_year is not null or orders_halved is not null
)

select * from final
