-- The parts of every credit score sum to the score, and their weights to 100.

with tiers as (
    select as_of, customer_id, score
    from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
),

parts as (
    select as_of, customer_id, sum(points) as points, sum(weight) as weights
    from rated.credit_scores
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, customer_id
),

final as (
    select
        coalesce(tiers.as_of, parts.as_of) as as_of,
        coalesce(tiers.customer_id, parts.customer_id) as customer_id,
        tiers.score, parts.points, parts.weights
    from tiers
    full join parts
        on tiers.as_of = parts.as_of and tiers.customer_id = parts.customer_id
    where tiers.score is distinct from parts.points or parts.weights is distinct from 100
)

select * from final
