-- What a payment clears lies between nothing and the money received (which is below nothing where
-- money went back), for payments of the window.

with touched as (
    select distinct account_no, transaction_no
    from matched.clearings
    where known_on between getvariable('day_from') and getvariable('day_until')
),

cleared as (
    select clearings.account_no, clearings.transaction_no, sum(clearings.amount) as amount
    from matched.clearings
    semi join touched using (account_no, transaction_no)
    where clearings.known_on <= getvariable('day_until')
    group by clearings.account_no, clearings.transaction_no
),

received as (
    select account_no, transaction_no, min_by(amount, known_on) as amount
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

offences as (
    select
        account_no, transaction_no, received.amount as received_amount,
        cleared.amount as cleared_amount
    from cleared
    left join received using (account_no, transaction_no)
    where
        received.amount is null
        or cleared.amount > greatest(received.amount, 0)
        or cleared.amount < least(received.amount, 0)
)

select * from offences
