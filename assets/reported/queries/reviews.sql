-- One row per customer that the review of the day is about.

with reviews as (
    select * from rated.reviews where as_of = $as_of
)

select
    customer_id, manager, credit_tier, previous_tier, reviewed_on, is_tier_proposed,
    credit_limit, judged_exposure, over_limit, due_by_deadline, deadline, action, reason
from reviews
order by customer_id
