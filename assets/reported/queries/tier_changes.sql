-- One row per change of a customer's class, tier, limit or action since the review before the day,
-- where there was none since the first closed day.

with earlier as (
    select max(as_of) as reviewed_on from rated.reviews where as_of < $as_of
),

changes as (
    select changes.*
    from rated.tier_changes as changes
    cross join earlier
    where
        changes.as_of <= $as_of
        and changes.as_of > coalesce(earlier.reviewed_on, date '0001-01-01')
)

select
    as_of as changed_on, customer_id, previous_class, customer_class, previous_tier, credit_tier,
    previous_score, score, previous_limit, credit_limit, previous_action, action, change_reason
from changes
order by changed_on desc, customer_id
