-- One row per closed day, debtor and cause (as_of, debtor_id, cause): what the debtor owed the day
-- before (`opening`), what changed it, and what it owes now (`closing`), CNY, for every debtor that
-- owed, owes or moved. Opening and causes come from the ledger, closing from the open items.
-- A cause is the sum of its papers, which stand in `aged.changes`; one whose papers cancel out, such
-- as a reversed invoice whose goods are owed without it, is told with 0.

with before as (
    select debtor_id, sum(amount) as amount
    from settled.ledger
    where known_on < getvariable('day_from') and effective_on < getvariable('day_from')
    group by debtor_id
),

days as (
    select unnest(getvariable('days')) as as_of
),

-- papers of a cause may cancel out; the cause stands all the same
changes as (
    select as_of, debtor_id, cause, sum(amount) as amount
    from aged.changes
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, debtor_id, cause
),

closing as (
    select as_of, debtor_id, sum(balance) as amount
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, debtor_id
),

debtors as (
    select debtor_id from before
    union
    select debtor_id from changes
    union
    select debtor_id from closing
),

daily_changes as (
    select as_of, debtor_id, sum(amount) as amount
    from changes
    group by as_of, debtor_id
),

balances as (
    select
        days.as_of, debtors.debtor_id,
        coalesce(before.amount, 0)
        + coalesce(sum(daily_changes.amount) over earlier_days, 0) as opening,
        daily_changes.amount is not null as has_moved,
        coalesce(closing.amount, 0) as closing
    from days
    cross join debtors
    left join before on debtors.debtor_id = before.debtor_id
    left join daily_changes
        on days.as_of = daily_changes.as_of and debtors.debtor_id = daily_changes.debtor_id
    left join closing
        on days.as_of = closing.as_of and debtors.debtor_id = closing.debtor_id
    window earlier_days as (
        partition by debtors.debtor_id
        order by days.as_of
        rows between unbounded preceding and 1 preceding
    )
),

rows_of_day as (
    select
        as_of, debtor_id,
        unnest(['opening', 'closing']) as cause,
        unnest([opening, closing]) as amount
    from balances
    where opening <> 0 or closing <> 0 or has_moved
    union all
    select as_of, debtor_id, cause, amount from changes
),

final as (
    select as_of, debtor_id, cause, cast(amount as decimal(18, 2)) as amount
    from rows_of_day
)

select * from final
