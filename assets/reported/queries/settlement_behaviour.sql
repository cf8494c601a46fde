-- One row per chain, pattern settled by, kind of paper and pattern that the paper speaks for: orders
-- and amounts as of the day, those that speak for another pattern first.

with behaviour as (
    select * from settled.pattern_behaviour where known_on <= $as_of
),

summed as (
    select
        chain_id,
        pattern,
        is_inferred,
        paper,
        evidence_pattern,
        cast(sum(orders) as bigint) as orders,
        cast(sum(amount) as decimal(18, 2)) as amount
    from behaviour
    group by all
    having sum(orders) > 0
)

select
    chain_id,
    pattern,
    if(is_inferred, 'inferred', 'agreed') as basis,
    paper,
    evidence_pattern,
    if(evidence_pattern = pattern, 'agrees', 'differs') as verdict,
    orders,
    amount
from summed
order by
    verdict desc, chain_id, pattern, basis,
    list_position(['delivery', 'goods_receipt', 'invoice', 'statement', 'bank_receipt'], paper),
    evidence_pattern
