-- One row per customer (customer_id): its version known at the end of the day.

with versions as (
    select * from staged.customers where known_on <= $as_of
),

latest as (
    select *
    from versions
    -- at most one version of a customer per day
    qualify row_number() over (partition by customer_id order by known_on desc) = 1
)

select customer_id, customer_name, chain_id, level, head_office_id, region, manager
from latest
order by customer_id
