-- One row per rule of matching about whose proposals people decided by the day: how often they agreed.

with decided as (
    select * from matched.rule_precision where as_of = $as_of
)

select rule, confirmed, refused, cast(confirmed_share as decimal(18, 3)) as confirmed_share
from decided
order by confirmed + refused desc, rule
