-- One row per closed day and customer known by then (as_of, customer_id): the group, region and
-- manager by which the aging is summed, as known that day. The group is the head office, or the
-- customer itself; a branch without a region or manager of its own has its head office's.

with days as (
    select unnest(getvariable('days')) as as_of
),

records as (
    select * from staged.steps.customer_versions
),

known_customers as (
    select
        days.as_of, records.customer_id,
        coalesce(records.head_office_id, records.customer_id) as group_id,
        records.region, records.manager
    from days
    inner join records on days.as_of >= records.known_from and days.as_of < records.known_until
),

final as (
    select
        customers.as_of, customers.customer_id, customers.group_id,
        coalesce(customers.region, head_offices.region) as region,
        coalesce(customers.manager, head_offices.manager) as manager
    from known_customers as customers
    left join known_customers as head_offices
        on
            customers.as_of = head_offices.as_of
            and customers.group_id = head_offices.customer_id
)

select * from final
