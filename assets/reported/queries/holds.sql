-- One row per customer on hold that day, the largest amounts first.

with holds as (
    select * from rated.holds where as_of = $as_of
)

select customer_id, action, reason, amount, oldest_due_on, release_when
from holds
order by amount desc, customer_id
