-- One row per chain and overdue bucket on the newest closed day: the money outstanding.

with final as (
    select chain_id, bucket, bucket_no, sum(amount) as amount
    from aged.aging
    where basis = 'overdue' and as_of = $as_of
    group by chain_id, bucket, bucket_no
    order by chain_id, bucket_no
)

select * from final
