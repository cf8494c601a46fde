-- A credit-tier pack shows every customer rated on the day and their exposure.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'credit_tier'
        and items is not null
),

tiers as (
    select as_of, count(*) as items, sum(exposure) as amount
    from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

compared as (
    select
        packs.as_of,
        packs.path,
        packs.amount as shown,
        coalesce(tiers.amount, 0) as exposure,
        packs.items as items_shown,
        coalesce(tiers.items, 0) as customers_rated
    from packs
    left join tiers using (as_of)
),

offences as (
    select * from compared where shown <> exposure or items_shown <> customers_rated
)

select * from offences
