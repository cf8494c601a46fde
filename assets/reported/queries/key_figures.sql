-- One row: the figures of the day that finance asks for first, and whether the day is closed.

with overdue_aging as (
    select * from aged.aging where as_of = $as_of and basis = 'overdue'
),

holds as (
    select * from rated.holds where as_of = $as_of
),

unapplied_cash as (
    select * from settled.unapplied_cash where as_of = $as_of
),

exceptions as (
    select * from matched.exceptions where as_of = $as_of
),

debts as (
    select
        count(*) as cells,
        coalesce(sum(amount), 0) as outstanding,
        coalesce(sum(amount) filter (where is_invoiced), 0) as invoiced,
        coalesce(sum(amount) filter (where not is_invoiced), 0) as uninvoiced,
        coalesce(sum(amount) filter (where bucket <> 'not_due'), 0) as overdue
    from overdue_aging
),

held as (
    select coalesce(sum(amount), 0) as on_hold, count(distinct customer_id) as customers_on_hold
    from holds
),

unplaced as (
    select coalesce(sum(amount), 0) as unapplied from unapplied_cash
),

worklist as (
    select count(*) as exceptions, coalesce(sum(abs(amount)), 0) as exceptions_amount
    from exceptions
)

select
    debts.cells > 0 as is_closed,
    cast(debts.outstanding as decimal(18, 2)) as outstanding,
    cast(debts.invoiced as decimal(18, 2)) as invoiced,
    cast(debts.uninvoiced as decimal(18, 2)) as uninvoiced,
    cast(debts.overdue as decimal(18, 2)) as overdue,
    cast(held.on_hold as decimal(18, 2)) as on_hold,
    held.customers_on_hold,
    cast(unplaced.unapplied as decimal(18, 2)) as unapplied,
    worklist.exceptions,
    cast(worklist.exceptions_amount as decimal(18, 2)) as exceptions_amount
from debts, held, unplaced, worklist
