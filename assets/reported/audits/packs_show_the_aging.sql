-- An aging pack shows what the aging holds: the total and the count of its open items equal the
-- aging of the day and the open items.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'aging'
        and items is not null
),

aging as (
    select as_of, sum(amount) as amount
    from aged.aging
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and basis = 'overdue'
    group by all
),

open_items as (
    select as_of, count(*) as items
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

compared as (
    select
        packs.as_of,
        packs.path,
        packs.amount as shown,
        coalesce(aging.amount, 0) as aged,
        packs.items as items_shown,
        coalesce(open_items.items, 0) as items_open
    from packs
    left join aging using (as_of)
    left join open_items using (as_of)
),

offences as (
    select * from compared where shown <> aged or items_shown <> items_open
)

select * from offences
