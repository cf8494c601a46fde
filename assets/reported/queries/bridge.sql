-- One row per debtor and cause: what changed on the day.

with bridge as (
    select * from aged.bridge where as_of = $as_of
)

select debtor_id, cause, cast(sum(amount) as decimal(18, 2)) as amount
from bridge
group by all
order by all
