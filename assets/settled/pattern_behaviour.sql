-- One row per chain, pattern settled by, kind of paper, pattern that the paper speaks for, and day on
-- which the figures changed. `orders` and `amount` are changes: their sum up to a day is the report
-- of what is agreed and how the chain behaves. Where the two patterns differ the chain behaves
-- otherwise than settled; `none` is goods to the head office with the money of a branch.

with all_settlements as not materialized (
    select known_on, chain_id, order_no, pattern, is_inferred, ship_to_id
    from settled.settlements
    where known_on <= getvariable('day_until')
),

all_evidence as not materialized (
    select * from matched.pattern_evidence where known_on <= getvariable('day_until')
),

touched as (
    select chain_id, order_no
    from all_settlements
    where
        known_on >= getvariable('day_from')
        and (select min(known_on) from settled.settlements) < getvariable('day_from')
    union
    select chain_id, order_no
    from all_evidence
    where
        known_on >= getvariable('day_from')
        and (select min(known_on) from settled.settlements) < getvariable('day_from')
),

settlements as not materialized (
    select * from all_settlements where known_on >= getvariable('day_from')
    union all
    select all_settlements.*
    from all_settlements
    semi join touched using (chain_id, order_no)
    where known_on < getvariable('day_from')
),

evidence as not materialized (
    select * from all_evidence where known_on >= getvariable('day_from')
    union all
    select all_evidence.*
    from all_evidence
    semi join touched using (chain_id, order_no)
    where known_on < getvariable('day_from')
),

places as (
    select
        customer_id, case when min_by(level, known_on) = 'branch' then 'branch' else 'head' end as place
    from staged.customers
    where known_on <= getvariable('day_until')
    group by customer_id
),

settled as (
    select settlements.*, places.place as goods_place
    from settlements
    left join places on settlements.ship_to_id = places.customer_id
),

-- nearly always an order of a first load is settled once, by papers known together
several as (
    select chain_id, order_no
    from (
        select chain_id, order_no, known_on, 1 as settled from settlements
        union all
        select chain_id, order_no, known_on, 0 from evidence
    )
    group by chain_id, order_no
    having
        count(*) filter (settled = 1) > 1
        or count(*) filter (settled = 0) > 1
        or max(known_on) filter (settled = 0) < max(known_on) filter (settled = 1)
),

at_once as (
    select
        evidence.known_on, evidence.chain_id, settled.pattern, settled.is_inferred,
        settled.goods_place,
        evidence.ship_to_place, evidence.delivered, evidence.issuer_place, evidence.received,
        evidence.buyer_place, evidence.invoiced, evidence.party_place, evidence.stated,
        evidence.payer_place, evidence.paid
    from evidence
    anti join several using (chain_id, order_no)
    inner join settled using (chain_id, order_no)
),

days as (
    select known_on, chain_id, order_no
    from settlements
    semi join several using (chain_id, order_no)
    union
    select known_on, chain_id, order_no
    from evidence
    semi join several using (chain_id, order_no)
),

states as (
    select
        days.known_on, days.chain_id, days.order_no,
        last_value(settled.pattern ignore nulls) over by_then as pattern,
        last_value(settled.is_inferred ignore nulls) over by_then as is_inferred,
        last_value(settled.goods_place ignore nulls) over by_then as goods_place,
        last_value(evidence.ship_to_place ignore nulls) over by_then as ship_to_place,
        sum(evidence.delivered) over by_then as delivered,
        last_value(evidence.issuer_place ignore nulls) over by_then as issuer_place,
        sum(evidence.received) over by_then as received,
        last_value(evidence.buyer_place ignore nulls) over by_then as buyer_place,
        sum(evidence.invoiced) over by_then as invoiced,
        last_value(evidence.party_place ignore nulls) over by_then as party_place,
        sum(evidence.stated) over by_then as stated,
        last_value(evidence.payer_place ignore nulls) over by_then as payer_place,
        sum(evidence.paid) over by_then as paid
    from days
    left join settled
        on
            days.known_on = settled.known_on
            and days.chain_id = settled.chain_id
            and days.order_no = settled.order_no
    left join evidence
        on
            days.known_on = evidence.known_on
            and days.chain_id = evidence.chain_id
            and days.order_no = evidence.order_no
    window by_then as (
        partition by days.chain_id, days.order_no order by days.known_on
        rows between unbounded preceding and current row
    )
),

-- a state counts from its day and no longer from the day of the next
counted as (
    select * exclude (order_no), 1 as turn from states where pattern is not null
    union all
    select * exclude (order_no, until_day) replace (until_day as known_on), -1
    from (
        select
            *,
            lead(known_on) over (partition by chain_id, order_no order by known_on) as until_day
        from states
    )
    where until_day is not null and pattern is not null
    union all by name
    select *, 1 as turn from at_once
),

grouped as (
    select
        known_on, chain_id, pattern, is_inferred, goods_place, ship_to_place, issuer_place,
        buyer_place, party_place, payer_place,
        sum(turn) as orders, sum(turn * delivered) as delivered, sum(turn * received) as received,
        sum(turn * invoiced) as invoiced, sum(turn * stated) as stated, sum(turn * paid) as paid
    from counted
    where known_on >= getvariable('day_from')
    group by all
),

papers as (
    select
        known_on, chain_id, pattern, is_inferred, goods_place, 'delivery' as paper,
        ship_to_place as place, orders, delivered as amount
    from grouped
    union all
    select
        known_on, chain_id, pattern, is_inferred, goods_place, 'goods_receipt', issuer_place, orders,
        received
    from grouped
    union all
    select
        known_on, chain_id, pattern, is_inferred, goods_place, 'invoice', buyer_place, orders,
        invoiced
    from grouped
    union all
    select
        known_on, chain_id, pattern, is_inferred, goods_place, 'statement', party_place, orders, stated
    from grouped
    union all
    select
        known_on, chain_id, pattern, is_inferred, goods_place, 'bank_receipt', payer_place, orders, paid
    from grouped
),

spoken as (
    select
        *,
        case
            when place = 'mixed' then 'mixed'
            when paper in ('delivery', 'goods_receipt') and place = 'head' then 'head_head'
            when paper in ('delivery', 'goods_receipt') and pattern = 'head_head' then 'branch'
            when paper in ('delivery', 'goods_receipt') then pattern
            when place = 'branch' and goods_place = 'head' then 'none'
            when place = 'branch' then 'branch_branch'
            when goods_place = 'head' then 'head_head'
            else 'branch_head'
        end as evidence_pattern
    from papers
    where place is not null
),

final as (
    select
        known_on, chain_id, pattern, is_inferred, paper, evidence_pattern,
        cast(sum(orders) as bigint) as orders, cast(sum(amount) as decimal(18, 2)) as amount
    from spoken
    group by known_on, chain_id, pattern, is_inferred, paper, evidence_pattern
    having sum(orders) <> 0 or sum(amount) <> 0
)

select * from final
