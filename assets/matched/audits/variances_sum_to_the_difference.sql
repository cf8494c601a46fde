-- The causes of a step sum to the difference between its two papers, to the cent, on every day on
-- which the order changed.

with states as (
    select
        known_on, chain_id, order_no,
        case when delivered <> 0 and not is_implied then delivered - ordered else 0 end as delivery,
        case
            when received <> 0 and delivered <> 0 then received + returned - delivered else 0
        end as receipt,
        case when invoiced <> 0 then invoiced - received - returned else 0 end as invoice,
        case when stated <> 0 then stated - received - returned else 0 end as statement
    from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
),

differences as (
    select known_on, chain_id, order_no, 'delivery' as step, delivery as difference
    from states
    where delivery <> 0
    union all
    select known_on, chain_id, order_no, 'receipt', receipt from states where receipt <> 0
    union all
    select known_on, chain_id, order_no, 'invoice', invoice from states where invoice <> 0
    union all
    select known_on, chain_id, order_no, 'statement', statement from states where statement <> 0
),

causes as (
    select known_on, chain_id, order_no, step, sum(amount) as amount
    from matched.variances
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no, step
),

offences as (
    select
        known_on, chain_id, order_no, step,
        coalesce(differences.difference, 0) as difference,
        coalesce(causes.amount, 0) as causes_amount
    from differences
    full join causes using (known_on, chain_id, order_no, step)
    where coalesce(differences.difference, 0) <> coalesce(causes.amount, 0)
)

select * from offences
