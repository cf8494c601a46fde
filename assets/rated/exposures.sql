-- One row per closed day and rated customer (as_of, customer_id): what is at stake with it, CNY.
-- Exposure is open receivables, accepted goods without invoice and delivered goods that the store
-- has not accepted, less money of theirs that has found no place; open orders are shown apart.
-- Overdue items are net of credits that are overdue as well, as in the aging. `group_exposure` is
-- what a head office, its branches and its distribution centres make together.

with accounts as (
    select as_of, customer_id, chain_id, group_id, level
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until') and is_rated
),

days as (
    select unnest(getvariable('days')) as as_of
),

items as (
    select as_of, debtor_id as customer_id, due_on, is_invoiced, sum(balance) as balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

graced_items as (
    select
        items.*,
        coalesce(terms.grace_days, getvariable('policy').credit.grace_days) as grace_days,
        items.as_of - items.due_on as days_late
    from items
    left join rated.debtor_terms as terms
        on items.as_of = terms.as_of and items.customer_id = terms.customer_id
),

owed as (
    select
        as_of, customer_id,
        sum(balance) filter (is_invoiced) as open_receivables,
        sum(balance) filter (not is_invoiced) as accepted_uninvoiced,
        sum(balance) filter (days_late > 0) as overdue,
        sum(balance) filter (days_late > grace_days) as overdue_beyond_grace,
        sum(balance) filter (days_late > getvariable('policy').credit.stop_overdue_days)
            as overdue_beyond_stop,
        sum(balance * days_late) filter (days_late > 0) as overdue_amount_days,
        min(due_on) filter (days_late > 0 and balance > 0) as oldest_due_on,
        any_value(grace_days) as grace_days
    from graced_items
    group by as_of, customer_id
),

on_the_way_changes as (
    select
        debtor_id as customer_id, greatest(known_on, getvariable('day_from')) as counts_on,
        sum(delivered_unreceived) as delivered_unreceived, sum(open_orders) as open_orders
    from rated.exposure_entries
    where known_on <= getvariable('day_until')
    group by all
),

on_the_way as (
    select
        days.as_of, changes.customer_id,
        sum(changes.delivered_unreceived) as delivered_unreceived,
        sum(changes.open_orders) as open_orders
    from days
    inner join on_the_way_changes as changes on changes.counts_on <= days.as_of
    group by days.as_of, changes.customer_id
),

unapplied as (
    select as_of, debtor_id as customer_id, sum(amount) as unapplied_cash
    from settled.unapplied_cash
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, debtor_id
),

gathered as (
    select
        accounts.*,
        cast(coalesce(owed.open_receivables, 0) as decimal(18, 2)) as open_receivables,
        cast(coalesce(owed.accepted_uninvoiced, 0) as decimal(18, 2)) as accepted_uninvoiced,
        cast(coalesce(on_the_way.delivered_unreceived, 0) as decimal(18, 2))
            as delivered_unreceived,
        cast(coalesce(on_the_way.open_orders, 0) as decimal(18, 2)) as open_orders,
        cast(coalesce(unapplied.unapplied_cash, 0) as decimal(18, 2)) as unapplied_cash,
        cast(coalesce(owed.overdue, 0) as decimal(18, 2)) as overdue,
        cast(coalesce(owed.overdue_beyond_grace, 0) as decimal(18, 2)) as overdue_beyond_grace,
        cast(coalesce(owed.overdue_beyond_stop, 0) as decimal(18, 2)) as overdue_beyond_stop,
        cast(coalesce(owed.overdue_amount_days, 0) as decimal(38, 2)) as overdue_amount_days,
        owed.oldest_due_on, owed.grace_days
    from accounts
    left join owed
        on accounts.as_of = owed.as_of and accounts.customer_id = owed.customer_id
    left join on_the_way
        on accounts.as_of = on_the_way.as_of and accounts.customer_id = on_the_way.customer_id
    left join unapplied
        on accounts.as_of = unapplied.as_of and accounts.customer_id = unapplied.customer_id
),

summed as (
    select
        *,
        cast(
            open_receivables + accepted_uninvoiced + delivered_unreceived - unapplied_cash
            as decimal(18, 2)
        ) as exposure
    from gathered
),

final as (
    select
        as_of, customer_id, chain_id, group_id, open_receivables, accepted_uninvoiced,
        delivered_unreceived, unapplied_cash, exposure, open_orders,
        case
            when level = 'head_office'
                then cast(
                    sum(exposure) over (partition by as_of, group_id) as decimal(18, 2)
                )
        end as group_exposure,
        overdue, overdue_beyond_grace, overdue_beyond_stop, overdue_amount_days, oldest_due_on,
        grace_days
    from summed
)

select * from final
