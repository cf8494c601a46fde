-- Every parent is the sum of its children, cell by cell, and every level sums to the aging.

with totals as (
    select as_of, level, node_id, parent_id, chain_id, basis, bucket, is_invoiced, amount
    from aged.totals
    where as_of between getvariable('day_from') and getvariable('day_until')
),

aging as (
    select as_of, basis, bucket, is_invoiced, sum(amount) as amount
    from aged.aging
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by all
),

parent_levels as (
    select
        unnest(['chain', 'region', 'manager', 'head_office', 'debtor']) as level,
        unnest(['company', 'company', 'company', 'chain', 'head_office']) as parent_level
),

sides as (
    select
        parent_levels.parent_level, parent_levels.level, totals.as_of, totals.parent_id as node_id,
        case when parent_levels.parent_level <> 'company' then totals.chain_id end as chain_id,
        totals.basis, totals.bucket, totals.is_invoiced, totals.amount as children, 0 as parents
    from totals
    inner join parent_levels on totals.level = parent_levels.level
    union all
    select
        parent_levels.parent_level, parent_levels.level, totals.as_of, totals.node_id,
        totals.chain_id, totals.basis, totals.bucket, totals.is_invoiced, 0, totals.amount
    from totals
    inner join parent_levels on totals.level = parent_levels.parent_level
    union all
    select
        'aging', 'company', as_of, 'company', null, basis, bucket, is_invoiced, amount, 0
    from totals
    where level = 'company'
    union all
    select 'aging', 'company', as_of, 'company', null, basis, bucket, is_invoiced, 0, amount
    from aging
),

final as (
    select
        as_of, parent_level, node_id, chain_id, level as child_level, basis, bucket, is_invoiced,
        sum(parents) as parents, sum(children) as children
    from sides
    group by as_of, parent_level, node_id, chain_id, level, basis, bucket, is_invoiced
    having sum(parents) <> sum(children)
)

select * from final
