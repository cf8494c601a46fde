-- One row per closed day, rated customer and part of its credit score (as_of, customer_id, part):
-- the points earned of the part's weight, and the evidence for them. The weights add up to 100.
-- Parts: scale (stores, area and registered capital, a third each), sales (by class), nature (of
-- the enterprise) and record (how it paid). What is not known earns nothing; a customer with no
-- payment history yet earns policy's share of the record.

with accounts as (
    select as_of, customer_id, nature, store_count, area_sqm, registered_capital
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until') and is_rated
),

classes as (
    select as_of, customer_id, customer_class, average_monthly_sales
    from rated.customer_classes
    where as_of between getvariable('day_from') and getvariable('day_until')
),

records as (
    select * from rated.payment_records
    where as_of between getvariable('day_from') and getvariable('day_until')
),

weights as (
    select
        cast(getvariable('policy').credit.weights.scale as decimal(9, 4)) as scale,
        cast(getvariable('policy').credit.weights.sales as decimal(9, 4)) as sales,
        cast(getvariable('policy').credit.weights.nature as decimal(9, 4)) as nature,
        cast(getvariable('policy').credit.weights.record as decimal(9, 4)) as record
),

-- the first edge that a figure reaches decides its share
scaled as (
    select
        *,
        cast(
            coalesce(
                list_filter(
                    getvariable('policy').credit.scale.stores,
                    lambda edge: store_count >= edge.at_least
                )[1].share, 0
            ) as decimal(9, 4)
        ) as stores_share,
        cast(
            coalesce(
                list_filter(
                    getvariable('policy').credit.scale.area_sqm,
                    lambda edge: area_sqm >= edge.at_least
                )[1].share, 0
            ) as decimal(9, 4)
        ) as area_share,
        cast(
            coalesce(
                list_filter(
                    getvariable('policy').credit.scale.registered_capital,
                    lambda edge: registered_capital >= edge.at_least
                )[1].share, 0
            ) as decimal(9, 4)
        ) as capital_share,
        cast(
            coalesce(
                list_filter(
                    getvariable('policy').credit.nature, lambda named: nature = named.name
                )[1].share, 0
            ) as decimal(9, 4)
        ) as nature_share
    from accounts
),

classed as (
    select
        *,
        cast(
            coalesce(
                list_filter(
                    getvariable('policy').credit.sales, lambda named: customer_class = named.name
                )[1].share, 0
            ) as decimal(9, 4)
        ) as sales_share
    from classes
),

recorded as (
    select
        records.*,
        case
            when on_time_share is null and disputed_share is null and promises_due = 0
                then cast(policy.without_history as decimal(9, 4))
            else
                policy.on_time_weight * coalesce(on_time_share, policy.without_history)
                + policy.days_late_weight
                * cast(
                    greatest(1 - coalesce(days_late, 0) / policy.days_late_worst, 0)
                    as decimal(9, 4)
                )
                + policy.disputes_weight
                * cast(
                    greatest(1 - coalesce(disputed_share, 0) / policy.disputes_worst, 0)
                    as decimal(9, 4)
                )
                + policy.promises_weight
                * cast(
                    greatest(1 - promises_broken / policy.promises_worst, 0) as decimal(9, 4)
                )
        end as record_share
    from records
    cross join (
        select unnest(getvariable('policy').credit.record)
    ) as policy
),

parts as (
    select
        as_of, customer_id, 'scale' as part, weights.scale as weight,
        cast(weights.scale * (stores_share + area_share + capital_share) / 3 as decimal(9, 2))
            as points,
        coalesce(cast(store_count as varchar) || ' stores', 'stores not known')
        || ' (' || format('{:.0f}', stores_share * 100) || ' %), '
        || coalesce(format('{:,.0f}', area_sqm) || ' square metres', 'area not known')
        || ' (' || format('{:.0f}', area_share * 100) || ' %), '
        || coalesce(
            'registered capital ' || format('{:,.0f}', registered_capital),
            'registered capital not known'
        )
        || ' (' || format('{:.0f}', capital_share * 100) || ' %)' as evidence
    from scaled
    cross join weights
    union all
    select
        as_of, customer_id, 'sales', weights.sales,
        cast(weights.sales * sales_share as decimal(9, 2)),
        'class ' || customer_class || ', ' || format('{:,.2f}', average_monthly_sales)
        || ' a month (' || format('{:.0f}', sales_share * 100) || ' %)'
    from classed
    cross join weights
    union all
    select
        as_of, customer_id, 'nature', weights.nature,
        cast(weights.nature * nature_share as decimal(9, 2)),
        coalesce(scaled.nature, 'nature not known')
        || ' (' || format('{:.0f}', nature_share * 100) || ' %)'
    from scaled
    cross join weights
    union all
    select
        as_of, customer_id, 'record', weights.record,
        cast(weights.record * record_share as decimal(9, 2)),
        case
            when on_time_share is null
                then 'nothing was paid and nothing is overdue in '
                || cast(getvariable('policy').credit.record.months as varchar) || ' months'
            else format('{:.1f}', on_time_share * 100) || ' % on time of '
                || format('{:,.2f}', paid) || ' paid and ' || format('{:,.2f}', overdue)
                || ' overdue, ' || format('{:.1f}', days_late) || ' days late on average'
        end
        || ', ' || format('{:,.2f}', disputed) || ' taken without agreement, '
        || cast(promises_broken as varchar) || ' of ' || cast(promises_due as varchar)
        || ' promises broken'
    from recorded
    cross join weights
),

final as (
    select as_of, customer_id, part, points, weight, evidence from parts
)

select * from final
