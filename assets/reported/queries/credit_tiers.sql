-- One row per customer of the day with its class, tier, score, limit, exposure and action.

with tiers as (
    select * from rated.credit_tiers where as_of = $as_of
)

select
    customer_id,
    customer_class,
    credit_tier,
    previous_tier,
    score,
    score_parts,
    limit_basis,
    credit_limit,
    exposure,
    group_exposure,
    judged_exposure,
    open_receivables,
    accepted_uninvoiced,
    delivered_unreceived,
    unapplied_cash,
    overdue,
    overdue_beyond_grace,
    days_late,
    action,
    reason
from tiers
order by credit_tier, exposure desc, customer_id
