-- One row per closed day and customer whose fees are too high (as_of, customer_id), for either of two
-- reasons, each with its figures in the evidence: the fees of this month or of the month before are
-- over a budget of that month, or the fees of the last full month are, as a share of the sales, more
-- than policy's percent above the share of the months before it (policy's number of them, and no
-- fewer than its least). Amounts are CNY; a head office's are its group's. A month without sales
-- has no share.

with policy as (
    select unnest(getvariable('policy').warnings)
),

days as (
    select
        as_of, strftime(as_of, '%Y-%m') as month,
        strftime(date_trunc('month', as_of) - interval 1 month, '%Y-%m') as last_month,
        strftime(
            date_trunc('month', as_of) - to_months(1 + policy.expense_months), '%Y-%m'
        ) as base_from
    from (select unnest(getvariable('days')) as as_of)
    cross join policy
),

accounts as (
    select as_of, customer_id, group_id
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until')
),

members as (
    select as_of, customer_id, customer_id as store_id from accounts
    union all
    select as_of, group_id, customer_id from accounts where group_id <> customer_id
),

-- history in one row per month; only the window's own news is kept by day
fees as (
    select
        store_id, month, fee_code, greatest(known_on, getvariable('day_from')) as counts_on,
        sum(amount) as amount
    from warned.fees
    where
        known_on <= getvariable('day_until')
        and month >= (select min(base_from) from days)
    group by all
),

sales as (
    select
        store_id, strftime(sold_on, '%Y-%m') as month,
        greatest(known_on, getvariable('day_from')) as counts_on, sum(amount) as amount
    from rated.sales
    where
        known_on <= getvariable('day_until')
        and strftime(sold_on, '%Y-%m') >= (select min(base_from) from days)
    group by all
),

fees_by_day as (
    select days.as_of, fees.store_id, fees.month, fees.fee_code, sum(fees.amount) as amount
    from days
    inner join fees
        on
            fees.counts_on <= days.as_of
            and fees.month >= days.base_from
            and fees.month <= days.month
    group by days.as_of, fees.store_id, fees.month, fees.fee_code
),

customer_fees as (
    select
        members.as_of, members.customer_id, fees_by_day.month, fees_by_day.fee_code,
        sum(fees_by_day.amount) as amount
    from members
    inner join fees_by_day
        on members.as_of = fees_by_day.as_of and members.store_id = fees_by_day.store_id
    group by members.as_of, members.customer_id, fees_by_day.month, fees_by_day.fee_code
),

budgets as (
    select
        customer_id, month, fee_code, budget_amount, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id, month, fee_code order by known_on
        ) as known_until
    from staged.expense_budgets
    where known_on <= getvariable('day_until')
),

budgets_in_force as (
    select days.as_of, budgets.customer_id, budgets.month, budgets.fee_code, budgets.budget_amount
    from days
    inner join budgets
        on
            days.as_of >= budgets.known_on
            and days.as_of < budgets.known_until
            and budgets.month in (days.month, days.last_month)
),

-- a budget without a fee is one for all fees
spent as (
    select
        budgets_in_force.as_of, budgets_in_force.customer_id, budgets_in_force.month,
        budgets_in_force.fee_code, budgets_in_force.budget_amount,
        sum(customer_fees.amount) as fees
    from budgets_in_force
    inner join customer_fees
        on
            budgets_in_force.as_of = customer_fees.as_of
            and budgets_in_force.customer_id = customer_fees.customer_id
            and budgets_in_force.month = customer_fees.month
            and coalesce(budgets_in_force.fee_code, customer_fees.fee_code, '')
            = coalesce(customer_fees.fee_code, '')
    group by all
),

over_budget as (
    select
        as_of, customer_id,
        string_agg(
            format('{:,.2f}', fees) || ' of '
            || case when fee_code is null then 'fees' else 'fee ' || fee_code end || ' in ' || month
            || ' against a budget of ' || format('{:,.2f}', budget_amount),
            '; '
            order by month, fee_code nulls first
        ) as over_budget
    from spent
    where fees > budget_amount
    group by as_of, customer_id
),

monthly_fees as (
    select as_of, customer_id, month, sum(amount) as fees
    from customer_fees
    group by as_of, customer_id, month
),

sales_by_day as (
    select days.as_of, sales.store_id, sales.month, sum(sales.amount) as amount
    from days
    inner join sales
        on
            sales.counts_on <= days.as_of
            and sales.month >= days.base_from
            and sales.month <= days.last_month
    group by days.as_of, sales.store_id, sales.month
),

monthly_sales as (
    select
        members.as_of, members.customer_id, sales_by_day.month, sum(sales_by_day.amount) as sales
    from members
    inner join sales_by_day
        on members.as_of = sales_by_day.as_of and members.store_id = sales_by_day.store_id
    group by members.as_of, members.customer_id, sales_by_day.month
),

shares as (
    select
        monthly_sales.as_of, monthly_sales.customer_id,
        sum(monthly_sales.sales) filter (monthly_sales.month = days.last_month) as sales,
        sum(monthly_fees.fees) filter (monthly_sales.month = days.last_month) as fees,
        sum(monthly_sales.sales) filter (monthly_sales.month < days.last_month) as base_sales,
        sum(coalesce(monthly_fees.fees, 0)) filter (monthly_sales.month < days.last_month)
            as base_fees,
        count(*) filter (monthly_sales.month < days.last_month) as base_months,
        any_value(days.last_month) as month
    from monthly_sales
    inner join days on monthly_sales.as_of = days.as_of
    left join monthly_fees
        on
            monthly_sales.as_of = monthly_fees.as_of
            and monthly_sales.customer_id = monthly_fees.customer_id
            and monthly_sales.month = monthly_fees.month
    where monthly_sales.sales > 0
    group by monthly_sales.as_of, monthly_sales.customer_id
),

-- fees/sales > base_fees/base_sales x (100 + percent)/100, without dividing
risen as (
    select
        shares.as_of, shares.customer_id,
        format('{:,.2f}', shares.fees) || ' of fees in ' || shares.month || ' are '
        || format('{:.1f}', shares.fees * 100 / shares.sales) || ' % of the sales, against '
        || format('{:.1f}', shares.base_fees * 100 / shares.base_sales) || ' % in the '
        || cast(shares.base_months as varchar) || ' months before' as share_risen
    from shares
    cross join policy
    where
        shares.base_months >= policy.expense_least_months
        and shares.base_fees > 0
        and cast(shares.fees as decimal(38, 2)) * shares.base_sales * 100
        > cast(shares.base_fees as decimal(38, 2))
        * shares.sales
        * (100 + policy.expense_rise_percent)
),

final as (
    select
        as_of, customer_id, 'medium' as severity,
        over_budget is not null as is_over_budget, share_risen is not null as is_share_risen,
        concat_ws('; ', over_budget, share_risen) as evidence
    from over_budget
    full join risen using (as_of, customer_id)
)

select * from final
