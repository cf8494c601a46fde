-- One row per item open before the first day (item_id) and day on which it became known.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.opening_items
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

customers as (
    select * from staged.steps.customer_versions
),

final as (
    select
        standing_rows.* replace (
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
)

select * from final
