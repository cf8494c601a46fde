-- One row per customer of the day with its class, tier, score, limit, exposure and action.

with tiers as (
    select * from rated.credit_tiers where as_of = $as_of
)

select *
from tiers
order by credit_tier, exposure desc, customer_id
