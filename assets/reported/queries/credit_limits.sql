-- One row per rated customer with a limit or money outside: its limit, that of its head office, the
-- approval behind it, and whether the approval is missing, has ended or ends by the deadline of the
-- review. A head office stands before its branches.

with limits as (
    select * from rated.credit_limits where as_of = $as_of
),

tiers as (
    select * from rated.credit_tiers where as_of = $as_of
),

reviews as (
    select * from rated.reviews where as_of = $as_of
),

known_approvals as (
    select approval_id, customer_id, approved_on, valid_to
    from staged.credit_approvals
    where known_on <= $as_of
    qualify row_number() over (partition by approval_id order by known_on desc) = 1
),

deadlines as (
    select max(deadline) as deadline from reviews
),

-- the newest approval of customers that pay cash, which has ended
ended_approvals as (
    select customer_id, approval_id, valid_to
    from known_approvals
    where valid_to < $as_of and approved_on <= $as_of
    qualify row_number() over (
        partition by customer_id order by approved_on desc, approval_id
    ) = 1
),

final as (
    select
        limits.group_id, limits.customer_id, limits.limit_basis,
        coalesce(limits.approval_id, ended.approval_id) as approval_id,
        limits.approved_limit,
        case
            when limits.approval_id is null then ended.valid_to
            else approvals.valid_to
        end as approval_ends_on,
        case
            when limits.approval_id is null and ended.approval_id is null then 'missing'
            when limits.approval_id is null then 'ended'
            when approvals.valid_to <= deadlines.deadline then 'expiring'
            else 'valid'
        end as approval_state,
        limits.computed_limit, limits.group_limit, limits.credit_limit, tiers.judged_exposure,
        greatest(tiers.judged_exposure - limits.credit_limit, 0) as over_limit,
        limits.limit_reason
    from limits
    inner join tiers on limits.customer_id = tiers.customer_id
    cross join deadlines
    left join known_approvals as approvals on limits.approval_id = approvals.approval_id
    left join ended_approvals as ended on limits.customer_id = ended.customer_id
    where limits.credit_limit <> 0 or tiers.judged_exposure <> 0
)

select *
from final
order by group_id, customer_id <> group_id, customer_id
