-- One row per closed day and rated customer (as_of, customer_id): its class by average monthly
-- sales over policy's last full months, and by margin. A head office's sales are its group's.
-- Every edge belongs to the upper class. A margin above the band's quota moves one class up; it
-- counts only where the cost of most of the sales is known. Sales are CNY with tax, the margin is
-- without tax.

with accounts as (
    select * from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until')
),

months as (
    select
        as_of,
        cast(date_trunc('month', as_of) - to_months(getvariable('policy').classes.months) as date)
            as sold_from,
        cast(date_trunc('month', as_of) - to_days(1) as date) as sold_until
    from (select unnest(getvariable('days')) as as_of)
),

-- history in one row per store and month; only the window's own news is kept by day
sales as (
    select
        store_id, date_trunc('month', sold_on) as month,
        greatest(known_on, getvariable('day_from')) as counts_on,
        sum(amount) as amount, sum(costed_amount) as costed_amount,
        sum(costed_amount_excl_tax) as costed_amount_excl_tax, sum(cost) as cost
    from rated.sales
    where
        known_on <= getvariable('day_until')
        and sold_on >= (select min(sold_from) from months)
    group by all
),

-- whose sales count for whom: everybody's own, and a head office's group
members as (
    select as_of, customer_id, customer_id as store_id from accounts
    union all
    select as_of, group_id, customer_id from accounts where group_id <> customer_id
),

sold as (
    select
        months.as_of, members.customer_id,
        cast(sum(sales.amount) as decimal(18, 2)) as amount,
        cast(sum(sales.costed_amount) as decimal(18, 2)) as costed_amount,
        cast(sum(sales.costed_amount_excl_tax) as decimal(18, 2)) as costed_amount_excl_tax,
        cast(sum(sales.cost) as decimal(18, 2)) as cost
    from months
    inner join members on months.as_of = members.as_of
    inner join sales
        on
            members.store_id = sales.store_id
            and sales.counts_on <= months.as_of
            and sales.month between months.sold_from and months.sold_until
    group by months.as_of, members.customer_id
),

measured as (
    select
        accounts.as_of, accounts.customer_id, accounts.chain_id, accounts.channel,
        months.sold_from, months.sold_until,
        coalesce(sold.amount, 0) as sales,
        getvariable('policy').classes.months as months,
        coalesce(
            sold.costed_amount_excl_tax > 0
            and sold.costed_amount * 100
            >= cast(sold.amount as decimal(38, 2))
            * cast(getvariable('policy').classes.costed_percent as decimal(9, 4)),
            false
        ) as is_margin_known,
        coalesce(sold.costed_amount_excl_tax, 0) as costed_amount_excl_tax,
        coalesce(sold.costed_amount_excl_tax - sold.cost, 0) as gross_profit,
        -- percentages are shown, not reckoned with; odd papers must not burst the column
        case
            when sold.amount > 0
                then cast(
                    greatest(least(sold.costed_amount * 100 / sold.amount, 9999), -9999)
                    as decimal(9, 2)
                )
        end as costed_percent,
        case
            when sold.costed_amount_excl_tax > 0
                then cast(
                    greatest(
                        least(
                            (sold.costed_amount_excl_tax - sold.cost) * 100
                            / sold.costed_amount_excl_tax,
                            9999
                        ),
                        -9999
                    ) as decimal(9, 2)
                )
        end as margin_percent
    from accounts
    inner join months on accounts.as_of = months.as_of
    left join sold
        on accounts.as_of = sold.as_of and accounts.customer_id = sold.customer_id
    where accounts.is_rated
),

band_lists as (
    select
        unnest(['chain', 'retail']) as bands_of,
        unnest([getvariable('policy').classes.chain, getvariable('policy').classes.retail]) as list
),

listed_bands as (
    select bands_of, unnest(list) as band, generate_subscripts(list, 1) as band_no
    from band_lists
),

bands as (
    select
        bands_of, band_no, band.name as name,
        cast(band.at_least as decimal(18, 4)) as at_least,
        cast(band.quota as decimal(9, 4)) as quota,
        lag(band.name) over (partition by bands_of order by band_no) as name_above
    from listed_bands
),

-- edges are in 10,000 CNY a month, held against the sum of all months to stay exact
banded as (
    select
        measured.*, bands.name as base_class, bands.name_above, bands.quota, bands.at_least,
        coalesce(
            measured.is_margin_known
            and measured.gross_profit * 100
            > bands.quota * cast(measured.costed_amount_excl_tax as decimal(38, 2)),
            false
        ) as is_moved_up
    from measured
    inner join bands
        on
            bands.bands_of = case when measured.channel = 'retail' then 'retail' else 'chain' end
            and (
                measured.sales
                >= cast(bands.at_least as decimal(38, 4)) * 10000 * measured.months
                or bands.at_least = 0
            )
    qualify row_number() over (
        partition by measured.as_of, measured.customer_id order by bands.band_no
    ) = 1
),

-- half a cent away from zero
averaged as (
    select
        *,
        cast(
            sign(sales) * half_up(abs(sales) * 100, months) * 0.01 as decimal(18, 2)
        ) as average_monthly_sales
    from banded
),

final as (
    select
        as_of, customer_id, chain_id, channel, sold_from, sold_until, sales,
        average_monthly_sales, margin_percent, costed_percent, base_class, quota, is_moved_up,
        case when is_moved_up then name_above else base_class end as customer_class,
        format('{:,.2f}', average_monthly_sales) || ' a month from '
        || strftime(sold_from, '%Y-%m') || ' to ' || strftime(sold_until, '%Y-%m')
        || ': band ' || base_class
        || case
            when is_moved_up
                then '; margin ' || cast(margin_percent as varchar) || ' % exceeds the quota of '
                || format('{:g}', quota) || ' %: one class up'
            when quota is null then '; this band does not move up'
            when not is_margin_known
                then '; margin unknown (cost known for '
                || cast(coalesce(costed_percent, 0) as varchar) || ' % of the sales): no move up'
            else '; margin ' || cast(margin_percent as varchar) || ' % within the quota of '
                || format('{:g}', quota) || ' %'
        end as evidence
    from averaged
)

select * from final
