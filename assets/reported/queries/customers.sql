-- One row per customer (customer_id): its version known at the end of the day, with the group, region
-- and manager that count for it, a branch without its own having its head office's.

with versions as (
    select * from staged.customers where known_on <= $as_of
),

parties as (
    select * from aged.parties where as_of = $as_of
),

latest as (
    select *
    from versions
    -- at most one version of a customer per day
    qualify row_number() over (partition by customer_id order by known_on desc) = 1
)

select
    latest.customer_id,
    latest.customer_name,
    latest.chain_id,
    latest.level,
    latest.head_office_id,
    coalesce(parties.group_id, latest.head_office_id, latest.customer_id) as group_id,
    coalesce(parties.region, latest.region) as region,
    coalesce(parties.manager, latest.manager) as manager
from latest
left join parties using (customer_id)
order by customer_id
