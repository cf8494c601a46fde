-- One row per closed day and debtor among those who owe most (as_of, place): its balance, CNY, and
-- its share of what all debtors in debit owe, alone and together with those above it. Equal
-- balances: the smaller id first. Debtors in credit owe nothing and take no share.

with owed as (
    select as_of, debtor_id, sum(amount) as balance
    from aged.aging
    where as_of between getvariable('day_from') and getvariable('day_until') and basis = 'overdue'
    group by as_of, debtor_id
    having sum(amount) > 0
),

ranked as (
    select
        as_of, debtor_id, balance,
        row_number() over (partition by as_of order by balance desc, debtor_id) as place,
        sum(balance) over (partition by as_of) as owed_by_all,
        sum(balance) over (
            partition by as_of
            order by balance desc, debtor_id
            rows between unbounded preceding and current row
        ) as balance_until
    from owed
),

final as (
    select
        as_of, place, debtor_id, cast(balance as decimal(18, 2)) as balance,
        cast(cast(balance as decimal(38, 2)) * 100 / owed_by_all as decimal(9, 2))
            as share_percent,
        cast(cast(balance_until as decimal(38, 2)) * 100 / owed_by_all as decimal(9, 2))
            as share_percent_until
    from ranked
    where place <= getvariable('policy').aging.concentration_top
)

select * from final
