-- One row per closed day and customer whose class, tier, limit or action differs from the closed day
-- before (as_of, customer_id): from what to what, CNY, and why. A customer's first day is no change.
-- Why: the parts of the score that changed with their evidence, then class, limit and action.

with day_before as (
    select max(as_of) as as_of from rated.credit_tiers where as_of < getvariable('day_from')
),

known_tiers as (
    select
        tiers.as_of, tiers.customer_id, tiers.chain_id, tiers.customer_class, tiers.credit_tier,
        tiers.score, tiers.score_parts, tiers.credit_limit, tiers.action, tiers.reason
    from rated.credit_tiers as tiers
    semi join day_before on tiers.as_of = day_before.as_of
    union all
    select
        as_of, customer_id, chain_id, customer_class, credit_tier, score, score_parts, credit_limit,
        action, reason
    from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
),

followed as (
    select
        *,
        lag(customer_class) over customer as previous_class,
        lag(credit_tier) over customer as previous_tier,
        lag(score) over customer as previous_score,
        lag(score_parts) over customer as previous_parts,
        lag(credit_limit) over customer as previous_limit,
        lag(action) over customer as previous_action
    from known_tiers
    window customer as (partition by customer_id order by as_of)
),

changed as (
    select
        *,
        -- both lists hold the same parts in the same order, unless the weights were changed
        list_transform(
            list_filter(
                score_parts,
                lambda part: len(list_filter(
                    previous_parts,
                    lambda before: before.part = part.part and before.points = part.points
                )) = 0
            ),
            lambda part: part.part || ' '
            || coalesce(
                cast(
                    list_filter(previous_parts, lambda before: before.part = part.part)[1].points
                    as varchar
                ) || ' to ',
                ''
            )
            || cast(part.points as varchar) || ' points: ' || part.evidence
        ) as score_reasons
    from followed
    where
        as_of >= getvariable('day_from')
        and previous_tier is not null
        and (
            previous_class <> customer_class
            or previous_tier <> credit_tier
            or previous_limit <> credit_limit
            or previous_action <> action
        )
),

final as (
    select
        as_of, customer_id, chain_id, previous_class, customer_class, previous_tier, credit_tier,
        previous_score, score, previous_limit, credit_limit, previous_action, action,
        array_to_string(
            list_filter(
                list_concat(
                    score_reasons,
                    [
                        case
                            when previous_class <> customer_class
                                then 'class ' || previous_class || ' to ' || customer_class
                        end,
                        case
                            when previous_tier <> credit_tier
                                then 'tier ' || previous_tier || ' to ' || credit_tier
                                || ' by a score of ' || cast(previous_score as varchar) || ' to '
                                || cast(score as varchar)
                        end,
                        case
                            when previous_limit <> credit_limit
                                then 'limit ' || format('{:,.2f}', previous_limit) || ' to '
                                || format('{:,.2f}', credit_limit)
                        end,
                        case
                            when previous_action <> action
                                then 'action ' || previous_action || ' to ' || action
                        end
                    ]
                ),
                lambda said: said is not null
            ),
            '; '
        ) as change_reason
    from changed
)

select * from final
