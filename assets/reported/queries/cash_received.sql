-- One row per day of the 31 days up to the day on which money came in: how much.

with receipt_versions as (
    select * from staged.bank_receipts where known_on <= $as_of
),

receipts as (
    select *
    from receipt_versions
    where received_on between $as_of::date - 30 and $as_of
    -- the first version of a bank receipt counts; there is at most one per day
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
)

select received_on, cast(sum(amount) as decimal(18, 2)) as amount
from receipts
group by received_on
order by received_on
