-- One row per owner of the day: how much stands in exceptions that this person or role acts on.

with exceptions as (
    select * from matched.exceptions where as_of = $as_of
)

select owner, count(*) as open_count, cast(sum(abs(amount)) as decimal(18, 2)) as amount
from exceptions
group by all
order by amount desc, owner
