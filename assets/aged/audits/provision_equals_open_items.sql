-- The provision view holds every open item: per day and debtor, its bands equal the open items.

with sides as (
    select as_of, debtor_id, amount as bands, 0 as open_items
    from aged.provision
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select as_of, debtor_id, 0, balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select as_of, debtor_id, sum(bands) as bands, sum(open_items) as open_items
    from sides
    group by as_of, debtor_id
    having sum(bands) <> sum(open_items)
)

select * from final
