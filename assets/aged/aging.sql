-- One row per closed day, debtor, store, basis, bucket and whether an invoice stands behind it
-- (as_of, chain_id, debtor_id, store_id, basis, bucket, is_invoiced): the open balance, CNY.
-- Basis `document` counts the days since the paper's date, `overdue` the days since the due date;
-- both hold the same balances. An edge belongs to the bucket that it ends: exactly 30 days late is
-- in 1-30. Due today, due later and not yet running are not_due; a paper dated later is in 0-30.

with open_items as (
    select as_of, chain_id, debtor_id, store_id, is_invoiced, document_on, due_on, balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
),

edges as (
    select
        unnest(getvariable('policy').aging.buckets) as days_until,
        generate_subscripts(getvariable('policy').aging.buckets, 1) as bucket_no
),

last_edge as (
    select max(days_until) as days from edges
),

-- bucket 0 is what is not late; by document the first bucket begins at 0 days instead of 1
buckets as (
    select
        bucket_no,
        coalesce(lag(days_until) over (order by bucket_no), 0) + 1 as days_from,
        days_until,
        cast(coalesce(lag(days_until) over (order by bucket_no), 0) + 1 as varchar)
        || '-' || cast(days_until as varchar) as overdue_bucket,
        case
            when bucket_no = 1 then '0-' || cast(days_until as varchar)
            else overdue_bucket
        end as document_bucket
    from edges
    union all
    select
        count(*) + 1, max(days_until) + 1, max(days_until) + 1,
        '>' || cast(max(days_until) as varchar), '>' || cast(max(days_until) as varchar)
    from edges
    union all
    select 0, 0, 0, 'not_due', '0-' || cast(min(days_until) as varchar)
    from edges
),

-- every number of days up to the first that is beyond the last edge
bucket_days as (
    select
        days.days, buckets.bucket_no, buckets.overdue_bucket, buckets.document_bucket
    from (
        select unnest(range(0, last_edge.days + 2)) as days from last_edge
    ) as days
    inner join buckets on days.days between buckets.days_from and buckets.days_until
),

aged_items as (
    select
        open_items.*,
        case
            when open_items.document_on < open_items.as_of
                then least(open_items.as_of - open_items.document_on, last_edge.days + 1)
            else 0
        end as document_days,
        case
            when open_items.due_on < open_items.as_of
                then least(open_items.as_of - open_items.due_on, last_edge.days + 1)
            else 0
        end as overdue_days
    from open_items
    cross join last_edge
),

-- one pass over the items; both bases are sums of this
summed as (
    select
        as_of, chain_id, debtor_id, store_id, is_invoiced, document_days, overdue_days,
        sum(balance) as balance
    from aged_items
    group by all
),

by_basis as (
    select
        summed.as_of, summed.chain_id, summed.debtor_id, summed.store_id,
        'document' as basis,
        greatest(bucket_days.bucket_no, 1) as bucket_no,
        bucket_days.document_bucket as bucket,
        summed.is_invoiced, summed.balance
    from summed
    inner join bucket_days on summed.document_days = bucket_days.days
    union all
    select
        summed.as_of, summed.chain_id, summed.debtor_id, summed.store_id,
        'overdue',
        bucket_days.bucket_no,
        bucket_days.overdue_bucket,
        summed.is_invoiced, summed.balance
    from summed
    inner join bucket_days on summed.overdue_days = bucket_days.days
),

final as (
    select
        as_of, chain_id, debtor_id, store_id, basis, bucket, bucket_no, is_invoiced,
        cast(sum(balance) as decimal(18, 2)) as amount
    from by_basis
    group by as_of, chain_id, debtor_id, store_id, basis, bucket, bucket_no, is_invoiced
)

select * from final
