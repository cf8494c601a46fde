-- The statements of account of a day list every open item, and the review every debtor's balance.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind in ('statements', 'review')
        and items is not null
),

open_items as (
    select as_of, count(*) as items, sum(balance) as amount
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

compared as (
    select
        packs.as_of,
        packs.path,
        packs.kind,
        packs.amount as shown,
        coalesce(open_items.amount, 0) as owed,
        packs.items as items_shown,
        coalesce(open_items.items, 0) as items_open
    from packs
    left join open_items using (as_of)
),

offences as (
    select *
    from compared
    where shown <> owed or (kind = 'statements' and items_shown <> items_open)
)

select * from offences
