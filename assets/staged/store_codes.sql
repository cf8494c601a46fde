-- One row per chain's store code (chain_id, store_code, valid_from) and day its meaning changed.
-- A code means the customer that an alias names; our own customer ids are understood as well.

with new_aliases as (
    select * from staged.customer_aliases
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and alias_kind = 'store_code'
),

new_customers as (
    select * from staged.customers
    where known_on between getvariable('day_from') and getvariable('day_until')
),

meanings as (
    select
        known_on, chain_id, alias as store_code, customer_id as store_id,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        1 as precedence, file_id, sheet, row_no
    from new_aliases
    union all
    select
        known_on, chain_id, customer_id, customer_id,
        date '0001-01-01', date '9999-12-31',
        2, file_id, sheet, row_no
    from new_customers
),

-- an alias outranks an own id of the same text; two aliases of one code: the smaller customer id
ranked as (
    select * from meanings
    qualify row_number() over (
        partition by known_on, chain_id, store_code, valid_from
        order by precedence, store_id
    ) = 1
),

final as (
    select known_on, chain_id, store_code, store_id, valid_from, valid_to, file_id, sheet, row_no
    from ranked
)

select * from final
