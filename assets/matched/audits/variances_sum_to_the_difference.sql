-- The causes of a step sum to the difference between its two papers, to the cent, on every day on
-- which the order changed.

with states as (
    select states.known_on, states.chain_id, states.order_no, steps.step, steps.difference
    from matched.order_states as states
    cross join lateral (
        select unnest(
            [
                {
                    'step': 'delivery',
                    'difference': case
                        when states.delivered <> 0 and not states.is_implied
                            then states.delivered - states.ordered
                        else 0
                    end
                },
                {
                    'step': 'receipt',
                    'difference': case
                        when states.received <> 0 and states.delivered <> 0
                            then states.received + states.returned - states.delivered
                        else 0
                    end
                },
                {
                    'step': 'invoice',
                    'difference': case
                        when states.invoiced <> 0
                            then states.invoiced - states.received - states.returned
                        else 0
                    end
                },
                {
                    'step': 'statement',
                    'difference': case
                        when states.stated <> 0
                            then states.stated - states.received - states.returned
                        else 0
                    end
                }
            ],
            recursive := true
        )
    ) as steps
    where states.known_on between getvariable('day_from') and getvariable('day_until')
),

causes as (
    select known_on, chain_id, order_no, step, sum(amount) as amount
    from matched.variances
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no, step
),

offences as (
    select
        known_on, chain_id, order_no, step, states.difference, causes.amount as causes_amount
    from states
    full join causes using (known_on, chain_id, order_no, step)
    where coalesce(states.difference, 0) <> coalesce(causes.amount, 0)
)

select * from offences
