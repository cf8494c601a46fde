-- One row: the asked customer as known last, with credit tier, limit and exposure on the newest day.

with versions as (
    select
        customer_id, customer_name, level, head_office_id, chain_id, region, manager, known_on,
        file_id, sheet, row_no
    from staged.customers
    where customer_id = $no
),

tiers as (
    select customer_id, credit_tier, credit_limit, exposure, overdue, action
    from rated.credit_tiers
    where as_of = $as_of and customer_id = $no
),

final as (
    select
        versions.customer_id, versions.customer_name, versions.level, versions.head_office_id,
        versions.chain_id, versions.region, versions.manager, tiers.credit_tier,
        tiers.credit_limit, tiers.exposure, tiers.overdue, tiers.action,
        files.path as file, versions.sheet, versions.row_no as row
    from versions
    left join tiers using (customer_id)
    left join received.files as files on versions.file_id = files.file_id
    order by versions.known_on desc
    limit 1
)

select * from final
