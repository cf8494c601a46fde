-- One row per store (chain_id, store_id) whose papers may be about the goods of other stores, and
-- the day on which that became known: head offices, distribution centres, and all stores of a chain
-- that orders or takes in goods by its head office (pattern `head_head`).

with customers as (
    select chain_id, customer_id as store_id, level, known_on
    from staged.customers
    where known_on <= getvariable('day_until')
),

head_head_chains as (
    select chain_id, min(known_on) as known_on
    from staged.settlement_agreements
    where known_on <= getvariable('day_until') and pattern = 'head_head'
    group by chain_id
),

found as (
    select chain_id, store_id, known_on
    from customers
    where level in ('head_office', 'dc')
    union all
    select customers.chain_id, customers.store_id,
        greatest(customers.known_on, head_head_chains.known_on)
    from customers
    inner join head_head_chains using (chain_id)
),

firsts as (
    select chain_id, store_id, min(known_on) as known_on
    from found
    group by chain_id, store_id
),

final as (
    select known_on, chain_id, store_id
    from firsts
    where known_on >= getvariable('day_from')
)

select * from final
