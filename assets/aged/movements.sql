-- One row per closed day, debtor, cause and day on which it happened (as_of, chain_id, debtor_id,
-- cause, effective_on): what changed the debtor's balance, CNY; the papers stand in `aged.changes`.
-- Sales and cash of a quarter or a year are sums over these few rows.

with changes as (
    select as_of, chain_id, debtor_id, cause, effective_on, amount
    from aged.changes
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        as_of, chain_id, debtor_id, cause, effective_on,
        cast(sum(amount) as decimal(18, 2)) as amount
    from changes
    group by as_of, chain_id, debtor_id, cause, effective_on
    having sum(amount) <> 0
)

select * from final
