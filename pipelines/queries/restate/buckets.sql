-- One row per basis and bucket of the day's aging: as closed, and with what is known now, CNY.

with sides as (
    select basis, bucket_no, bucket, amount as as_closed, 0 as restated
    from closed.aged.aging
    where as_of = $day
    union all
    select basis, bucket_no, bucket, 0, amount from aged.aging where as_of = $day
),

final as (
    select
        basis, bucket,
        cast(sum(as_closed) as decimal(18, 2)) as as_closed,
        cast(sum(restated) as decimal(18, 2)) as restated,
        cast(sum(restated) - sum(as_closed) as decimal(18, 2)) as difference
    from sides
    group by basis, bucket_no, bucket
    order by basis, bucket_no
)

select * from final
