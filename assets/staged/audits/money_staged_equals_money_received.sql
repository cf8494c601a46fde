-- Per kind and day, the money of the staged papers equals the money of the standing rows received.

with received as (
    select 'orders' as kind, known_on, sum(amount) as amount
    from received.orders
    where is_standing and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'deliveries', known_on, sum(amount)
    from received.deliveries
    where is_standing and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'goods_receipts', known_on, sum(amount)
    from received.goods_receipts
    where is_standing and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'invoices', known_on, sum(amount)
    from received.invoices
    where is_standing and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'statements', known_on, sum(amount)
    from received.statements
    where is_standing and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'bank_receipts', known_on, sum(amount)
    from received.bank_receipts
    where is_standing and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
),

staged as (
    select 'orders' as kind, known_on, sum(amount) as amount
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'deliveries', known_on, sum(amount)
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'goods_receipts', known_on, sum(amount)
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'invoices', known_on, sum(amount)
    from staged.invoices
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'statements', known_on, sum(amount)
    from staged.statement_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
    union all
    select 'bank_receipts', known_on, sum(amount)
    from staged.bank_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on
),

offences as (
    select
        kind, known_on, received.amount as received_amount, staged.amount as staged_amount
    from received
    full join staged using (kind, known_on)
    where coalesce(received.amount, 0) <> coalesce(staged.amount, 0)
)

select * from offences
