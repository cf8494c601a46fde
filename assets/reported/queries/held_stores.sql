-- One row per store that gets no goods that day, with the customer whose debt stops it.

with held_stores as (
    select * from rated.held_stores where as_of = $as_of
)

select distinct chain_id, store_id, customer_id
from held_stores
order by chain_id, customer_id, store_id
