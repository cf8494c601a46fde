-- One row per closed day and customer (as_of, customer_id), as known that day: who it is, to which
-- group it belongs, who is responsible for it, and whether it is rated.
-- Rated is every debtor (who owed us, has goods of ours on the way, or paid us) and every head
-- office or branch with business: its own sales or, for a head office, its group's, which are
-- known since `first_sale_known_on`.
-- A debtor that no master record names is an account of its own.

with days as (
    select unnest(getvariable('days')) as as_of
),

records as (
    select * from staged.steps.customer_versions
),

-- who owed us, has goods of ours on the way, or paid us, as people decided on strangers, too
debtors as (
    select customer_id, min_by(chain_id, first_on) as chain_id, min(first_on) as first_on
    from (
        select
            debtor_id as customer_id, chain_id, min(greatest(known_on, effective_on)) as first_on
        from settled.ledger
        where known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
        group by debtor_id, chain_id
        union all
        select debtor_id, chain_id, min(known_on)
        from rated.exposure_entries
        where known_on <= getvariable('day_until')
        group by debtor_id, chain_id
        union all
        select payer_id, chain_id, min(greatest(known_on, received_on))
        from settled.payers
        where known_on <= getvariable('day_until') and payer_id is not null
        group by payer_id, chain_id
    )
    group by customer_id
),

sellers as (
    select store_id as customer_id, min(greatest(known_on, sold_on)) as first_on
    from rated.sales
    where known_on <= getvariable('day_until')
    group by store_id
),

known_customers as (
    select
        days.as_of, records.customer_id, records.customer_name, records.level, records.channel,
        records.chain_id, coalesce(records.head_office_id, records.customer_id) as group_id,
        records.nature, records.store_count, records.area_sqm, records.registered_capital,
        records.manager, records.manager_email, records.closed_on
    from days
    inner join records on days.as_of >= records.known_from and days.as_of < records.known_until
),

unknown_debtors as (
    select
        days.as_of, debtors.customer_id,
        cast(null as varchar) as customer_name, 'branch' as level, 'chain' as channel,
        coalesce(debtors.chain_id, 'unknown') as chain_id, debtors.customer_id as group_id
    from days
    inner join debtors on days.as_of >= debtors.first_on
    anti join known_customers
        on days.as_of = known_customers.as_of and debtors.customer_id = known_customers.customer_id
),

customers as (
    select * from known_customers
    union all by name
    select * from unknown_debtors
),

traded as (
    select
        customers.*,
        coalesce(debtors.first_on <= customers.as_of, false) as is_debtor,
        case when sellers.first_on <= customers.as_of then sellers.first_on end as sold_first_on
    from customers
    left join debtors on customers.customer_id = debtors.customer_id
    left join sellers on customers.customer_id = sellers.customer_id
),

group_sales as (
    select as_of, group_id, min(sold_first_on) as sold_first_on
    from traded
    group by as_of, group_id
),

final as (
    select
        traded.as_of, traded.customer_id, traded.customer_name, traded.level, traded.channel,
        traded.chain_id, traded.group_id, traded.nature, traded.store_count, traded.area_sqm,
        traded.registered_capital,
        coalesce(traded.manager, head_offices.manager) as manager,
        coalesce(traded.manager_email, head_offices.manager_email) as manager_email,
        traded.closed_on,
        case
            when traded.level = 'head_office' then group_sales.sold_first_on
            else traded.sold_first_on
        end as first_sale_known_on,
        traded.is_debtor,
        traded.is_debtor
        or traded.level in ('head_office', 'branch') and first_sale_known_on is not null
            as is_rated
    from traded
    inner join group_sales
        on traded.as_of = group_sales.as_of and traded.group_id = group_sales.group_id
    left join known_customers as head_offices
        on traded.as_of = head_offices.as_of and traded.group_id = head_offices.customer_id
)

select * from final
