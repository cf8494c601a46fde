-- One row per reason of the day: how many are open, how many are new, and how much.

with exceptions as (
    select * from matched.exceptions where as_of = $as_of
)

select
    reason,
    reason_zh,
    reason_en,
    count(*) as open_count,
    count(*) filter (where opened_on = $as_of) as new_count,
    cast(sum(abs(amount)) as decimal(18, 2)) as amount,
    max(days_open) as oldest_days
from exceptions
group by all
order by amount desc, reason
