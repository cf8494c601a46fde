-- One row: what was owed on the day as it was closed, and with what is known now, CNY.

with closed_items as (
    select sum(balance) as amount from closed.settled.open_items where as_of = $day
),

items as (
    select sum(balance) as amount from settled.open_items where as_of = $day
),

final as (
    select
        cast(coalesce(closed_items.amount, 0) as decimal(18, 2)) as as_closed,
        cast(coalesce(items.amount, 0) as decimal(18, 2)) as restated
    from closed_items
    cross join items
)

select * from final
