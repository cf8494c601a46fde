-- One row per figure of the day's ratings, as closed (before) and under the other policy (after):
-- customers by tier, limits, exposure over limit and holds, CNY. A customer whose head office has a
-- limit of its own is answered for by the head office, limit and exposure alike.

with ratings as (
    select
        'before' as policy, customer_id, group_id, credit_tier, limit_basis, credit_limit,
        judged_exposure, action
    from closed.rated.credit_tiers
    where as_of = $day
    union all
    select
        'after', customer_id, group_id, credit_tier, limit_basis, credit_limit, judged_exposure,
        action
    from rated.credit_tiers
    where as_of = $day
),

answering_heads as (
    select policy, customer_id as head_id
    from ratings
    where customer_id = group_id and limit_basis = 'own'
),

answered as (
    select
        ratings.*,
        answering_heads.head_id is not null and ratings.customer_id <> ratings.group_id
            as is_answered_for
    from ratings
    left join answering_heads
        on
            ratings.policy = answering_heads.policy
            and ratings.group_id = answering_heads.head_id
),

holds as (
    select 'before' as policy, customer_id, amount from closed.rated.holds where as_of = $day
    union all
    select 'after', customer_id, amount from rated.holds where as_of = $day
),

figures as (
    select policy, 1 as place, 'customers in tier ' || credit_tier as figure, count(*) as amount
    from answered
    group by policy, credit_tier
    union all
    select policy, 2, 'credit limits', sum(credit_limit) filter (not is_answered_for)
    from answered
    group by policy
    union all
    select
        policy, 3, 'exposure over limit',
        sum(greatest(judged_exposure - credit_limit, 0)) filter (not is_answered_for)
    from answered
    group by policy
    union all
    select
        policy, 4, 'customers over limit',
        count(*) filter (not is_answered_for and judged_exposure > credit_limit)
    from answered
    group by policy
    union all
    select policy, 5, 'customers on hold', count(*) from holds group by policy
    union all
    select policy, 6, 'amount on hold', sum(amount) from holds group by policy
    union all
    select policy, 7, 'customers to ' || action, count(*)
    from answered
    where action in ('watch', 'reduce', 'stop')
    group by policy, action
),

final as (
    select
        figure,
        cast(coalesce(sum(amount) filter (policy = 'before'), 0) as decimal(18, 2)) as before,
        cast(coalesce(sum(amount) filter (policy = 'after'), 0) as decimal(18, 2)) as after
    from figures
    group by place, figure
    order by place, figure
)

select * from final
