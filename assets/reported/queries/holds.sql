-- One row per customer on hold that day and reason.

with holds as (
    select * from rated.holds where as_of = $as_of
)

select customer_id, reason, amount, release_when
from holds
order by amount desc, customer_id, reason
