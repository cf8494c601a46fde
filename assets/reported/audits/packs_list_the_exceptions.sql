-- An exception list shows every open exception of the day and their amounts.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'exceptions'
        and items is not null
),

exceptions as (
    select as_of, count(*) as items, sum(amount) as amount
    from matched.exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

compared as (
    select
        packs.as_of,
        packs.path,
        packs.amount as shown,
        coalesce(exceptions.amount, 0) as listed,
        packs.items as items_shown,
        coalesce(exceptions.items, 0) as items_open
    from packs
    left join exceptions using (as_of)
),

offences as (
    select * from compared where shown <> listed or items_shown <> items_open
)

select * from offences
