-- One row per account that somebody is responsible for and that has something open on the day
-- (customer_id): what is owed, overdue, held, wrong and warned of; each manager's largest overdue
-- first.

with accounts as (
    select customer_id, customer_name, manager, lower(trim(manager_email)) as manager_email
    from rated.accounts
    where as_of = $as_of and trim(manager_email) <> ''
),

debts as (
    select
        debtor_id as customer_id,
        sum(amount) as outstanding,
        coalesce(sum(amount) filter (bucket <> 'not_due'), 0) as overdue
    from aged.aging
    where as_of = $as_of and basis = 'overdue'
    group by debtor_id
),

oldest as (
    select debtor_id as customer_id, min(due_on) as oldest_due_on
    from settled.open_items
    where as_of = $as_of and balance > 0 and due_on < $as_of
    group by debtor_id
),

holds as (
    select customer_id, sum(amount) as on_hold, min(reason) as hold_reason
    from rated.holds
    where as_of = $as_of
    group by customer_id
),

exceptions as (
    select debtor_id as customer_id, count(*) as exceptions, sum(abs(amount)) as exceptions_amount
    from matched.exceptions
    where as_of = $as_of
    group by debtor_id
),

warnings as (
    select customer_id, count(*) as warnings
    from warned.warnings
    where as_of = $as_of and cleared_on is null
    group by customer_id
)

select
    accounts.manager_email,
    accounts.manager,
    accounts.customer_id,
    coalesce(accounts.customer_name, accounts.customer_id) as customer_name,
    cast(coalesce(debts.outstanding, 0) as decimal(18, 2)) as outstanding,
    cast(coalesce(debts.overdue, 0) as decimal(18, 2)) as overdue,
    oldest.oldest_due_on,
    cast(coalesce(holds.on_hold, 0) as decimal(18, 2)) as on_hold,
    holds.hold_reason,
    coalesce(exceptions.exceptions, 0) as exceptions,
    cast(coalesce(exceptions.exceptions_amount, 0) as decimal(18, 2)) as exceptions_amount,
    coalesce(warnings.warnings, 0) as warnings
from accounts
left join debts on accounts.customer_id = debts.customer_id
left join oldest on accounts.customer_id = oldest.customer_id
left join holds on accounts.customer_id = holds.customer_id
left join exceptions on accounts.customer_id = exceptions.customer_id
left join warnings on accounts.customer_id = warnings.customer_id
where
    debts.customer_id is not null
    or holds.customer_id is not null
    or exceptions.customer_id is not null
    or warnings.customer_id is not null
order by accounts.manager_email, overdue desc, outstanding desc, accounts.customer_id
