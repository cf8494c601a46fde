-- One row per closed day, debtor and year band (as_of, chain_id, debtor_id, band): the open balance
-- by age of the document, and the bad-debt provision that policy asks for, CNY.
-- A document dated exactly a year ago is within 1 year. A band in credit needs no provision.

with open_items as (
    select as_of, chain_id, debtor_id, document_on, balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
),

days as (
    select unnest(getvariable('days')) as as_of
),

percents as (
    select
        unnest(getvariable('policy').aging.provision, recursive := true),
        generate_subscripts(getvariable('policy').aging.provision, 1) as band_no
),

bands as (
    select
        band_no, years, cast(percent as decimal(9, 4)) as percent,
        lag(years, 1, 0) over (order by band_no) as years_before
    from percents
),

-- which document dates are in which band on which day
dated_bands as (
    select
        days.as_of, bands.band_no, bands.percent,
        case
            when bands.years is null and bands.years_before = 1 then 'over 1 year'
            when bands.years is null then 'over ' || cast(bands.years_before as varchar) || ' years'
            when bands.years_before = 0 and bands.years = 1 then 'within 1 year'
            when bands.years_before = 0 then 'within ' || cast(bands.years as varchar) || ' years'
            else cast(bands.years_before as varchar) || '-' || cast(bands.years as varchar)
                || ' years'
        end as band,
        coalesce(cast(days.as_of - to_years(bands.years) as date), date '0001-01-01')
            as document_from,
        case
            when bands.years_before = 0 then date '9999-12-31'
            else cast(days.as_of - to_years(bands.years_before) - to_days(1) as date)
        end as document_until
    from days
    cross join bands
),

summed as (
    select
        open_items.as_of, open_items.chain_id, open_items.debtor_id,
        dated_bands.band, dated_bands.band_no, dated_bands.percent,
        cast(sum(open_items.balance) as decimal(18, 2)) as amount
    from open_items
    inner join dated_bands
        on
            open_items.as_of = dated_bands.as_of
            and open_items.document_on between dated_bands.document_from
            and dated_bands.document_until
    group by all
),

final as (
    select
        as_of, chain_id, debtor_id, band, band_no, percent, amount,
        cast(cast(greatest(amount, 0) as decimal(38, 2)) * percent * 0.01 as decimal(18, 2))
            as provision
    from summed
)

select * from final
