-- The trial adds up: per row opening and parts give closing, closing is the sum of the open items of
-- its day, each row opens where the one before closed, the last row of every debtor is what it owes
-- at the end of the window, and the day's cash is what the cash applications say.

with rows_of_window as (
    select *
    from settled.trial
    where as_of between getvariable('day_from') and getvariable('day_until')
),

last_before as (
    select debtor_id, chain_id, max_by(closing, as_of) as closing
    from settled.trial
    semi join rows_of_window using (debtor_id, chain_id)
    where as_of < getvariable('day_from')
    group by debtor_id, chain_id
),

chained as (
    select
        rows_of_window.*,
        coalesce(
            lag(rows_of_window.closing) over (
                partition by debtor_id, chain_id order by rows_of_window.as_of
            ),
            last_before.closing,
            0
        ) as closed_before
    from rows_of_window
    left join last_before using (debtor_id, chain_id)
),

open_on_days as (
    select as_of, debtor_id, chain_id, sum(balance) as balance
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, debtor_id, chain_id
),

last_rows as (
    select debtor_id, chain_id, max_by(closing, as_of) as closing
    from settled.trial
    where as_of <= getvariable('day_until')
    group by debtor_id, chain_id
),

applied as (
    select greatest(known_on, effective_on) as as_of, debtor_id, sum(amount) as amount
    from settled.cash_applications
    where
        known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
        and (known_on >= getvariable('day_from') or effective_on >= getvariable('day_from'))
    group by greatest(known_on, effective_on), debtor_id
),

cash_on_days as (
    select as_of, debtor_id, sum(cash) as amount from rows_of_window group by as_of, debtor_id
),

offences as (
    select
        chained.as_of, chained.debtor_id, chained.chain_id, chained.closing,
        coalesce(open_on_days.balance, 0) as held_against, 'a row does not add up' as offence
    from chained
    left join open_on_days using (as_of, debtor_id, chain_id)
    where
        opening + opened + charged - credited + transferred - cash - deductions - write_offs
        <> closing
        or opening <> closed_before
        or closing <> coalesce(open_on_days.balance, 0)
    union all
    select
        getvariable('day_until'), debtor_id, chain_id, last_rows.closing, open_items.balance,
        'a debtor owes something else than its last row says'
    from last_rows
    full join (
        select debtor_id, chain_id, balance
        from open_on_days
        where as_of = getvariable('day_until')
    ) as open_items using (debtor_id, chain_id)
    where coalesce(last_rows.closing, 0) <> coalesce(open_items.balance, 0)
    union all
    select
        as_of, debtor_id, null, cash_on_days.amount, applied.amount,
        'cash is not what was applied'
    from cash_on_days
    full join applied using (as_of, debtor_id)
    where coalesce(cash_on_days.amount, 0) <> coalesce(applied.amount, 0)
)

select * from offences
