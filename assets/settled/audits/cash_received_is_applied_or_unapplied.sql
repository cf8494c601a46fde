-- Per payment and closed day, cash received equals cash applied plus unapplied cash, and neither
-- the applied nor the unapplied part is below nothing (above, where money went back).

with days as (
    select unnest(getvariable('days')) as as_of
),

received as (
    select
        account_no, transaction_no, amount, greatest(known_on, received_on) as day
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

applied as (
    select account_no, transaction_no, greatest(known_on, effective_on) as day, sum(amount) as amount
    from settled.cash_applications
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no, greatest(known_on, effective_on)
),

received_by_day as (
    select days.as_of, sum(received.amount) as amount
    from days
    inner join received on days.as_of >= received.day
    group by days.as_of
),

applied_by_day as (
    select days.as_of, sum(applied.amount) as amount
    from days
    inner join applied on days.as_of >= applied.day
    group by days.as_of
),

unapplied_by_day as (
    select
        unapplied.as_of, sum(unapplied.amount) as amount,
        bool_or(sign(unapplied.amount) <> sign(received.amount)) as is_against
    from settled.unapplied_cash as unapplied
    left join received using (account_no, transaction_no)
    where unapplied.as_of between getvariable('day_from') and getvariable('day_until')
    group by unapplied.as_of
),

on_last_day as (
    select account_no, transaction_no, sum(amount) as amount
    from applied
    where day <= getvariable('day_until')
    group by account_no, transaction_no
),

offences as (
    select
        'all payments of ' || cast(as_of as varchar) as payment,
        coalesce(received_by_day.amount, 0) as received_amount,
        coalesce(applied_by_day.amount, 0) as applied_amount,
        coalesce(unapplied_by_day.amount, 0) as unapplied_amount
    from days
    left join received_by_day using (as_of)
    left join applied_by_day using (as_of)
    left join unapplied_by_day using (as_of)
    where
        coalesce(received_by_day.amount, 0)
        <> coalesce(applied_by_day.amount, 0) + coalesce(unapplied_by_day.amount, 0)
        or unapplied_by_day.is_against
    union all
    select
        coalesce(received.transaction_no, on_last_day.transaction_no),
        coalesce(received.amount, 0), coalesce(on_last_day.amount, 0),
        coalesce(unapplied.amount, 0)
    from received
    full join on_last_day using (account_no, transaction_no)
    left join settled.unapplied_cash as unapplied
        on
            account_no = unapplied.account_no
            and transaction_no = unapplied.transaction_no
            and unapplied.as_of = getvariable('day_until')
    where
        coalesce(received.day, date '0001-01-01') <= getvariable('day_until')
        and (
            coalesce(received.amount, 0)
            <> coalesce(on_last_day.amount, 0) + coalesce(unapplied.amount, 0)
            or sign(on_last_day.amount) * sign(received.amount) < 0
        )
)

select * from offences
