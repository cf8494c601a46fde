-- One row per customer and chain that it belongs or belonged to.

with final as (
    select distinct chain_id, customer_id
    from staged.customers
)

select * from final
