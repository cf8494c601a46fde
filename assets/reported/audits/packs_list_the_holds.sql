-- A hold list shows every customer on hold that day and what is overdue.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'hold_list'
        and items is not null
),

holds as (
    select as_of, count(*) as items, sum(amount) as amount
    from rated.holds
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

compared as (
    select
        packs.as_of,
        packs.path,
        packs.amount as shown,
        coalesce(holds.amount, 0) as held,
        packs.items as items_shown,
        coalesce(holds.items, 0) as customers_held
    from packs
    left join holds using (as_of)
),

offences as (
    select * from compared where shown <> held or items_shown <> customers_held
)

select * from offences
