-- One row per debtor of the day: what is outstanding, and what of it is due and unpaid.

with items as (
    select * from settled.open_items where as_of = $as_of
)

select
    debtor_id,
    cast(sum(balance) as decimal(18, 2)) as outstanding,
    cast(coalesce(sum(balance) filter (where due_on < as_of), 0) as decimal(18, 2)) as overdue,
    min(due_on) filter (where due_on < as_of and balance > 0) as oldest_due_on,
    count(*) filter (where due_on < as_of) as overdue_items
from items
group by debtor_id
order by debtor_id
