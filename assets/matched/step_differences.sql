-- One row per order and step (chain_id, order_no, step) and day on which the order changed while its
-- two papers differed: by how much the later one says more. 0 says that the difference went away.
-- Steps: delivery (against the order), receipt (less returns, against the delivery note), invoice
-- and statement (against what was accepted). A step counts once both its papers have come.

with touched as not materialized (
    select * from matched.order_states
    where known_on between getvariable('day_from') and getvariable('day_until')
),

states as not materialized (
    select
        known_on, chain_id, order_no,
        case when delivered <> 0 and not is_implied then delivered - ordered else 0 end as delivery,
        case
            when received <> 0 and delivered <> 0 then received + returned - delivered else 0
        end as receipt,
        case when invoiced <> 0 then invoiced - received - returned else 0 end as invoice,
        case when stated <> 0 then stated - received - returned else 0 end as statement
    from matched.order_states
    where known_on <= getvariable('day_until')
),

-- few orders ever differ; only those are followed day by day
in_question as (
    select chain_id, order_no
    from states
    where
        known_on >= getvariable('day_from')
        and (delivery <> 0 or receipt <> 0 or invoice <> 0 or statement <> 0)
    union
    select states.chain_id, states.order_no
    from states
    semi join touched using (chain_id, order_no)
    where
        states.known_on < getvariable('day_from')
        and (delivery <> 0 or receipt <> 0 or invoice <> 0 or statement <> 0)
),

days as (
    select states.* from states semi join in_question using (chain_id, order_no)
),

steps as (
    select known_on, chain_id, order_no, 'delivery' as step, delivery as difference from days
    union all
    select known_on, chain_id, order_no, 'receipt', receipt from days
    union all
    select known_on, chain_id, order_no, 'invoice', invoice from days
    union all
    select known_on, chain_id, order_no, 'statement', statement from days
),

changes as (
    select
        *,
        lag(difference, 1, 0) over (partition by chain_id, order_no, step order by known_on)
            as difference_before
    from steps
),

final as (
    select known_on, chain_id, order_no, step, cast(difference as decimal(18, 2)) as difference
    from changes
    where
        known_on >= getvariable('day_from')
        and (difference <> 0 or difference_before <> 0)
)

select * from final
