-- One row per closed day and measure (as_of, measure): the company's figures as a line over the
-- days. Money is CNY, the rest days or percent, as `unit` says; a measure that has nothing to divide
-- by has no row on that day.

with company as (
    select * from aged.collections
    where as_of between getvariable('day_from') and getvariable('day_until') and level = 'company'
),

uninvoiced as (
    select as_of, sum(amount) as amount
    from aged.totals
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and level = 'company' and basis = 'overdue' and not is_invoiced
    group by as_of
),

provisions as (
    select as_of, sum(provision) as provision
    from aged.provision
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of
),

concentrations as (
    select as_of, place, share_percent_until
    from aged.concentrations
    where as_of between getvariable('day_from') and getvariable('day_until')
),

top_shares as (
    select
        as_of,
        max(share_percent_until) filter (place = 1) as top_1,
        max(share_percent_until) filter (place <= 5) as top_5,
        max(share_percent_until) filter (place <= 10) as top_10
    from concentrations
    group by as_of
),

measures as (
    select
        company.as_of,
        unnest([
            {'measure': 'outstanding', 'unit': 'CNY', 'figure': company.balance},
            {'measure': 'uninvoiced', 'unit': 'CNY', 'figure': coalesce(uninvoiced.amount, 0)},
            {'measure': 'not_due', 'unit': 'CNY', 'figure': company.not_due},
            {'measure': 'overdue', 'unit': 'CNY', 'figure': company.overdue},
            {'measure': 'provision', 'unit': 'CNY', 'figure': coalesce(provisions.provision, 0)},
            {'measure': 'sales', 'unit': 'CNY', 'figure': company.sales},
            {'measure': 'collected', 'unit': 'CNY', 'figure': company.collected},
            {'measure': 'dso_simple', 'unit': 'days', 'figure': company.dso_simple},
            {'measure': 'dso_countback', 'unit': 'days', 'figure': company.dso_countback},
            {'measure': 'best_possible_days', 'unit': 'days', 'figure': company.best_possible_days},
            {'measure': 'days_late', 'unit': 'days', 'figure': company.days_late},
            {
                'measure': 'collection_index', 'unit': 'percent',
                'figure': company.collection_index
            },
            {'measure': 'top_1_share', 'unit': 'percent', 'figure': top_shares.top_1},
            {'measure': 'top_5_share', 'unit': 'percent', 'figure': top_shares.top_5},
            {'measure': 'top_10_share', 'unit': 'percent', 'figure': top_shares.top_10}
        ]) as told
    from company
    left join uninvoiced on company.as_of = uninvoiced.as_of
    left join provisions on company.as_of = provisions.as_of
    left join top_shares on company.as_of = top_shares.as_of
),

final as (
    select
        as_of, told.measure as measure, told.unit as unit,
        cast(told.figure as decimal(18, 2)) as figure
    from measures
    where told.figure is not null
)

select * from final
