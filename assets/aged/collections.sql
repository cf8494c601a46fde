-- One row per closed day, level and party (as_of, level, node_id): how fast a debtor, a chain and
-- the company pay, CNY and days; null where a measure has nothing to divide by. With N = policy's
-- `dso_days`, M = `collection_days`, sales = goods and invoices less returns, dated in the last days:
--   dso_simple         = balance / sales of N days x N
--   dso_countback      = days back from today until their sales make up the balance: whole months
--                        first, then the part of the month that the rest is; at most
--                        `countback_months` months back, and `is_countback_full` when that is short
--   best_possible_days = what is not due / sales of N days x N
--   collection_index   = what left the balance in M days / all that could have, in percent:
--                        (opening + charged - balance) / (opening + charged - not due) x 100
--   days_late          = overdue amounts x days late / overdue amounts, credits counted against
-- A balance of nothing or in credit is 0 days. Months without sales pass without taking anything up.

with days as (
    select
        as_of,
        getvariable('policy').aging.dso_days as dso_days,
        cast(
            date_trunc('month', as_of) - to_months(getvariable('policy').aging.countback_months)
            as date
        ) as countback_from
    from (select unnest(getvariable('days')) as as_of)
),

late_items as (
    select
        as_of, chain_id, debtor_id, as_of - due_on as days_late, sum(balance) as overdue
    from settled.open_items
    where
        as_of between getvariable('day_from') and getvariable('day_until') and due_on < as_of
    group by all
),

late as (
    select
        as_of, chain_id, debtor_id,
        sum(cast(overdue as decimal(38, 2)) * days_late) as overdue_amount_days
    from late_items
    group by as_of, chain_id, debtor_id
),

owed as (
    select
        as_of, chain_id, debtor_id, sum(amount) as balance,
        coalesce(sum(amount) filter (bucket = 'not_due'), 0) as not_due
    from aged.aging
    where as_of between getvariable('day_from') and getvariable('day_until') and basis = 'overdue'
    group by as_of, chain_id, debtor_id
),

-- what is not money, a fee, a write-off or moved: what was sold
movements as (
    select
        as_of as counts_on, chain_id, debtor_id, effective_on, amount,
        cause in (
            'new_goods', 'new_invoices', 'returns', 'restatements', 'reversals', 'late_paper'
        ) as is_sale,
        cause in (
            'cash', 'deductions', 'write_offs', 'restated_statements'
        ) as is_collected
    from aged.movements
    where
        as_of <= getvariable('day_until')
        and (
            as_of > getvariable('day_from') - getvariable('policy').aging.collection_days
            or effective_on >= (select min(countback_from) from days)
        )
),

-- history in one row per debtor and month; only what enters or leaves in the window stands by day
sold_by_month as (
    select
        chain_id, debtor_id, cast(date_trunc('month', effective_on) as date) as month,
        greatest(counts_on, getvariable('day_from')) as counts_on,
        sum(amount) as sales
    from movements
    where is_sale
    group by all
),

month_sales as (
    select
        days.as_of, sold.chain_id, sold.debtor_id, sold.month, sum(sold.sales) as sales
    from days
    inner join sold_by_month as sold
        on sold.counts_on <= days.as_of and sold.month >= days.countback_from
    group by days.as_of, sold.chain_id, sold.debtor_id, sold.month
),

recently_sold as (
    select
        chain_id, debtor_id, greatest(counts_on, getvariable('day_from')) as counts_on,
        least(
            effective_on + getvariable('policy').aging.dso_days, getvariable('day_until') + 1
        ) as leaves_on,
        sum(amount) as sales
    from movements
    where
        is_sale and effective_on + getvariable('policy').aging.dso_days > getvariable('day_from')
    group by all
),

dso_sales as (
    select days.as_of, sold.chain_id, sold.debtor_id, sum(sold.sales) as sales
    from days
    inner join recently_sold as sold
        on sold.counts_on <= days.as_of and sold.leaves_on > days.as_of
    group by days.as_of, sold.chain_id, sold.debtor_id
),

recently_moved as (
    select
        chain_id, debtor_id, greatest(counts_on, getvariable('day_from')) as counts_on,
        least(
            counts_on + getvariable('policy').aging.collection_days, getvariable('day_until') + 1
        ) as leaves_on,
        sum(amount) as moved,
        coalesce(sum(amount) filter (not is_collected), 0) as charged
    from movements
    where counts_on + getvariable('policy').aging.collection_days > getvariable('day_from')
    group by all
),

charged as (
    select
        days.as_of, moved.chain_id, moved.debtor_id, sum(moved.moved) as moved,
        sum(moved.charged) as charged
    from days
    inner join recently_moved as moved
        on moved.counts_on <= days.as_of and moved.leaves_on > days.as_of
    group by days.as_of, moved.chain_id, moved.debtor_id
),

figures as (
    select
        as_of, chain_id, debtor_id, balance, not_due, 0 as overdue_amount_days, 0 as dso_sales,
        0 as moved, 0 as charged
    from owed
    union all
    select as_of, chain_id, debtor_id, 0, 0, overdue_amount_days, 0, 0, 0 from late
    union all
    select as_of, chain_id, debtor_id, 0, 0, 0, sales, 0, 0 from dso_sales
    union all
    select as_of, chain_id, debtor_id, 0, 0, 0, 0, moved, charged from charged
),

levels as (
    select
        unnest(['company', 'chain', 'debtor']) as level
),

party_figures as (
    select
        figures.as_of, levels.level,
        case levels.level
            when 'company' then 'company' when 'chain' then figures.chain_id else figures.debtor_id
        end as node_id,
        case when levels.level <> 'company' then figures.chain_id end as chain_id,
        cast(sum(figures.balance) as decimal(18, 2)) as balance,
        cast(sum(figures.not_due) as decimal(18, 2)) as not_due,
        cast(sum(figures.overdue_amount_days) as decimal(38, 2)) as overdue_amount_days,
        cast(sum(figures.dso_sales) as decimal(18, 2)) as sales,
        cast(sum(figures.moved) as decimal(18, 2)) as moved,
        cast(sum(figures.charged) as decimal(18, 2)) as charged
    from figures
    cross join levels
    group by all
),

party_months as (
    select
        month_sales.as_of, levels.level,
        case levels.level
            when 'company' then 'company'
            when 'chain' then month_sales.chain_id
            else month_sales.debtor_id
        end as node_id,
        case when levels.level <> 'company' then month_sales.chain_id end as chain_id,
        month_sales.month, sum(month_sales.sales) as sales
    from month_sales
    cross join levels
    group by all
),

months as (
    select
        as_of, cast(unnest(generate_series(countback_from, as_of, interval 1 month)) as date)
            as month
    from days
),

-- newest month first: what of the balance is left when the months after it are taken up
counted as (
    select
        figures.as_of, figures.level, figures.node_id, figures.chain_id, figures.balance,
        least(
            cast(last_day(months.month) as date), figures.as_of
        ) - months.month + 1 as month_days,
        cast(greatest(coalesce(party_months.sales, 0), 0) as decimal(38, 2)) as sales,
        sum(cast(greatest(coalesce(party_months.sales, 0), 0) as decimal(38, 2))) over party
            as sales_until
    from party_figures as figures
    inner join months on figures.as_of = months.as_of
    left join party_months
        on
            figures.as_of = party_months.as_of
            and figures.level = party_months.level
            and figures.node_id = party_months.node_id
            and coalesce(figures.chain_id, '') = coalesce(party_months.chain_id, '')
            and months.month = party_months.month
    where figures.balance > 0
    window party as (
        partition by figures.as_of, figures.level, figures.node_id, figures.chain_id
        order by months.month desc
        rows between unbounded preceding and current row
    )
),

-- tenths of a day
countback as (
    select
        as_of, level, node_id, chain_id,
        cast(
            sum(
                case
                    when sales_until - sales >= balance then 0
                    when sales_until <= balance then month_days * 10
                    else
                        half_up(
                            cast((balance - sales_until + sales) * 1000 as hugeint) * month_days,
                            sales * 100
                        )
                end
            ) as decimal(18, 0)
        ) * 0.1 as dso_countback,
        max(sales_until) < max(balance) as is_countback_full
    from counted
    group by as_of, level, node_id, chain_id
),

measured as (
    select
        figures.*,
        figures.balance - figures.not_due as overdue,
        figures.balance - figures.moved as opening,
        figures.balance - figures.moved + figures.charged as collectable,
        days.dso_days
    from party_figures as figures
    inner join days on figures.as_of = days.as_of
),

final as (
    select
        measured.as_of, measured.level, measured.node_id, measured.chain_id, measured.balance,
        measured.not_due, cast(measured.overdue as decimal(18, 2)) as overdue, measured.sales,
        cast(measured.collectable - measured.balance as decimal(18, 2)) as collected,
        case
            when measured.balance <= 0 then cast(0 as decimal(9, 1))
            when measured.sales > 0
                then cast(
                    least(
                        half_up(
                            cast(measured.balance * 1000 as hugeint) * measured.dso_days,
                            measured.sales * 100
                        ) * 0.1,
                        9999
                    ) as decimal(9, 1)
                )
        end as dso_simple,
        case
            when measured.balance <= 0 then cast(0 as decimal(9, 1))
            else cast(countback.dso_countback as decimal(9, 1))
        end as dso_countback,
        coalesce(countback.is_countback_full, false) as is_countback_full,
        case
            when measured.not_due <= 0 then cast(0 as decimal(9, 1))
            when measured.sales > 0
                then cast(
                    least(
                        half_up(
                            cast(measured.not_due * 1000 as hugeint) * measured.dso_days,
                            measured.sales * 100
                        ) * 0.1,
                        9999
                    ) as decimal(9, 1)
                )
        end as best_possible_days,
        case
            when measured.collectable - measured.not_due > 0
                then cast(
                    greatest(
                        least(
                            cast(measured.collectable - measured.balance as decimal(38, 2)) * 100
                            / (measured.collectable - measured.not_due),
                            9999
                        ),
                        -9999
                    ) as decimal(9, 1)
                )
        end as collection_index,
        case
            when measured.overdue > 0
                then cast(
                    greatest(least(measured.overdue_amount_days / measured.overdue, 9999), 0)
                    as decimal(9, 1)
                )
        end as days_late
    from measured
    left join countback
        on
            measured.as_of = countback.as_of
            and measured.level = countback.level
            and measured.node_id = countback.node_id
            and coalesce(measured.chain_id, '') = coalesce(countback.chain_id, '')
)

select * from final
