-- The workbooks of the managers show together what the accounts owe that have a manager to be
-- mailed to.

with packs as (
    select as_of, sum(amount) as shown
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'accounts'
        and items is not null
    group by as_of
),

accounts as (
    select as_of, customer_id
    from rated.accounts
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and trim(manager_email) <> ''
),

aging as (
    select as_of, debtor_id as customer_id, amount
    from aged.aging
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and basis = 'overdue'
),

owed as (
    select as_of, sum(amount) as owed
    from aging
    inner join accounts using (as_of, customer_id)
    group by as_of
),

compared as (
    select packs.as_of, packs.shown, coalesce(owed.owed, 0) as owed
    from packs
    left join owed using (as_of)
),

offences as (
    select * from compared where shown <> owed
)

select * from offences
