-- One row per store and day on which it ordered (chain_id, store_id, ordered_on), as known on the
-- day the first such order became known. Cancelled orders count: who cancels is still a customer.

with touched as (
    select distinct store_id, order_date
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
),

first_known as (
    select
        chain_id, store_id, order_date as ordered_on, min(known_on) as known_on
    from staged.orders
    semi join touched using (store_id, order_date)
    where known_on <= getvariable('day_until')
    group by chain_id, store_id, order_date
),

final as (
    select known_on, chain_id, store_id, ordered_on
    from first_known
    where known_on >= getvariable('day_from')
)

select * from final
