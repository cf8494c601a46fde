-- A pack shows as many rows and as much money as its table holds that day: the aging and the
-- statements of account every open item, the exception list every open exception, the hold list
-- every customer on hold, the credit tiers every customer rated. The review, a row per person,
-- shows the money of all open items.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and items is not null
        -- these have an audit of their own
        and kind not in ('accounts', 'invoice_application', 'settlement')
),

aged as (
    select as_of, sum(amount) as amount
    from aged.aging
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and basis = 'overdue'
    group by as_of
),

open_items as (
    select as_of, count(*) as items, sum(balance) as amount
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of
),

held as (
    select 'aging' as kind, open_items.as_of, open_items.items, aged.amount
    from open_items
    left join aged using (as_of)
    union all
    select 'statements', as_of, items, amount
    from open_items
    union all
    select 'review', as_of, null, amount
    from open_items
    union all
    select 'exceptions', as_of, count(*), sum(amount)
    from matched.exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of
    union all
    select 'hold_list', as_of, count(*), sum(amount)
    from rated.holds
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of
    union all
    select 'credit_tier', as_of, count(*), sum(exposure)
    from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of
),

-- a day on which a table holds nothing has no row
compared as (
    select
        packs.as_of, packs.kind, packs.path,
        packs.amount as shown, coalesce(held.amount, 0) as held,
        packs.items as items_shown,
        case when packs.kind <> 'review' then coalesce(held.items, 0) end as items_held
    from packs
    left join held using (as_of, kind)
),

offences as (
    select * from compared where shown <> held or items_shown <> items_held
)

select * from offences
