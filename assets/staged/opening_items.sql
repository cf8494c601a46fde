-- One row per item open before the first day and chain (item_id, chain_id) and day on which it became
-- known. An item that a later list gives to a customer of another chain is gone from the chain that
-- had it (is_gone): worth nothing there from that day.

with new_rows as (
    select *
    from received.opening_items
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

-- the lists before, for items that come again
standing_rows as (
    select * from new_rows
    union all
    select *
    from received.opening_items
    semi join new_rows using (item_id)
    where known_on < getvariable('day_from') and is_standing
),

customers as (
    select * from staged.steps.customer_versions
),

versions as (
    select
        standing_rows.* exclude (is_duplicate, is_standing) replace (
            coalesce(standing_rows.store_id, standing_rows.customer_id) as store_id,
            coalesce(standing_rows.is_invoiced, true) as is_invoiced
        ),
        coalesce(customers.chain_id, 'unknown') as chain_id
    from standing_rows
    left join customers
        on
            standing_rows.customer_id = customers.customer_id
            and standing_rows.known_on >= customers.known_from
            and standing_rows.known_on < customers.known_until
),

chained as (
    select
        *,
        lag(chain_id) over item as previous_chain_id,
        lag(customer_id) over item as previous_customer_id,
        lag(store_id) over item as previous_store_id
    from versions
    window item as (partition by item_id order by known_on)
),

final as (
    select
        * exclude (previous_chain_id, previous_customer_id, previous_store_id), false as is_gone
    from chained
    where known_on >= getvariable('day_from')
    union all
    select
        * exclude (previous_chain_id, previous_customer_id, previous_store_id) replace (
            previous_chain_id as chain_id, previous_customer_id as customer_id,
            previous_store_id as store_id, 0 as balance
        ),
        true
    from chained
    where known_on >= getvariable('day_from') and chain_id <> previous_chain_id
)

select * from final
