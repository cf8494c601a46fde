-- One row per rated customer of the day: class, tier, score, limit, action and what it is on hold
-- for, as closed (before) and under the other policy (after), CNY.

with before_holds as (
    select customer_id, amount from closed.rated.holds where as_of = $day
),

after_holds as (
    select customer_id, amount from rated.holds where as_of = $day
),

final as (
    select
        before.customer_id,
        before.customer_class as class_before, after.customer_class as class_after,
        before.credit_tier as tier_before, after.credit_tier as tier_after,
        before.score as score_before, after.score as score_after,
        before.credit_limit as limit_before, after.credit_limit as limit_after,
        before.action as action_before, after.action as action_after,
        cast(coalesce(before_holds.amount, 0) as decimal(18, 2)) as on_hold_before,
        cast(coalesce(after_holds.amount, 0) as decimal(18, 2)) as on_hold_after,
        after.judged_exposure as exposure
    from closed.rated.credit_tiers as before
    inner join rated.credit_tiers as after
        on before.as_of = after.as_of and before.customer_id = after.customer_id
    left join before_holds on before.customer_id = before_holds.customer_id
    left join after_holds on before.customer_id = after_holds.customer_id
    where before.as_of = $day
    order by before.customer_id
)

select * from final
