-- One row per closed day, level, party, basis, bucket and whether an invoice stands behind it
-- (as_of, level, node_id, basis, bucket, is_invoiced): the aging summed upwards, CNY. Two ways lead
-- from the company down: by who owes (chain, head office with its group, debtor) and by other eyes
-- on the same money (region of the store where it arose, manager of the debtor). `parent_id` names
-- the row above; a parent is the sum of its children, and every level sums to the aging.
-- Money of no known region or manager stands under the party `unknown`.

with aging as (
    select
        as_of, chain_id, debtor_id, store_id, basis, bucket, bucket_no, is_invoiced, amount
    from aged.aging
    where as_of between getvariable('day_from') and getvariable('day_until')
),

parties as (
    select as_of, customer_id, group_id, region, manager
    from aged.parties
    where as_of between getvariable('day_from') and getvariable('day_until')
),

placed as (
    select
        aging.as_of, aging.chain_id, aging.debtor_id,
        coalesce(debtors.group_id, aging.debtor_id) as group_id,
        coalesce(stores.region, debtors.region, 'unknown') as region,
        coalesce(debtors.manager, 'unknown') as manager,
        aging.basis, aging.bucket, aging.bucket_no, aging.is_invoiced,
        sum(aging.amount) as amount
    from aging
    left join parties as debtors
        on aging.as_of = debtors.as_of and aging.debtor_id = debtors.customer_id
    left join parties as stores
        on aging.as_of = stores.as_of and aging.store_id = stores.customer_id
    group by all
),

levels as (
    select
        placed.* exclude (chain_id, debtor_id, group_id, region, manager, amount),
        placed.amount, placed.chain_id as chain_of,
        unnest([
            {'level': 'company', 'node_id': 'company', 'parent': null},
            {'level': 'chain', 'node_id': placed.chain_id, 'parent': 'company'},
            {'level': 'head_office', 'node_id': placed.group_id, 'parent': placed.chain_id},
            {'level': 'debtor', 'node_id': placed.debtor_id, 'parent': placed.group_id},
            {'level': 'region', 'node_id': placed.region, 'parent': 'company'},
            {'level': 'manager', 'node_id': placed.manager, 'parent': 'company'}
        ]) as party
    from placed
),

final as (
    select
        as_of, party.level as level, party.node_id as node_id, party.parent as parent_id,
        case when party.level in ('chain', 'head_office', 'debtor') then chain_of end as chain_id,
        basis, bucket, bucket_no, is_invoiced,
        cast(sum(amount) as decimal(18, 2)) as amount
    from levels
    group by all
)

select * from final
