-- One row per customer (customer_id) and time from `known_from` until before `known_until` for which
-- this was what we knew of it.

with final as (
    select
        * exclude (known_on),
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id order by known_on
        ) as known_until
    from staged.customers
    where known_on <= getvariable('day_until')
)

select * from final
