-- One row per debtor whose balance of the day changed with what became known later, CNY.

with sides as (
    select debtor_id, balance as as_closed, 0 as restated
    from closed.settled.open_items
    where as_of = $day
    union all
    select debtor_id, 0, balance from settled.open_items where as_of = $day
),

final as (
    select
        debtor_id,
        cast(sum(as_closed) as decimal(18, 2)) as as_closed,
        cast(sum(restated) as decimal(18, 2)) as restated,
        cast(sum(restated) - sum(as_closed) as decimal(18, 2)) as difference
    from sides
    group by debtor_id
    having sum(restated) <> sum(as_closed)
    order by abs(difference) desc, debtor_id
)

select * from final
