-- An invoice application asks for no more than the accepted goods that nobody has invoiced.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'invoice_application'
        and items is not null
),

uninvoiced as (
    select as_of, sum(greatest(balance, 0)) as amount
    from settled.open_items
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and item_kind = 'uninvoiced'
    group by all
),

compared as (
    select packs.as_of, packs.path, packs.amount as applied, coalesce(uninvoiced.amount, 0) as open
    from packs
    left join uninvoiced using (as_of)
),

offences as (
    select * from compared where applied > open or applied < 0
)

select * from offences
