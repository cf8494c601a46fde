-- One row per closed day and promise to pay (as_of, customer_id, promised_on, pay_by), as long as
-- the credit record looks back to its day (policy): kept as soon as the money that the customer, or its stores, paid from the promise
-- to its day reaches the amount; broken when the day has passed without; open before. Money counts
-- by the day it arrived, as far as it is known.

with days as (
    select unnest(getvariable('days')) as as_of
),

promises as (
    select
        customer_id, promised_on, pay_by, amount, note, file_id, sheet, row_no,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id, promised_on, pay_by order by known_on
        ) as known_until
    from staged.promises
    where known_on <= getvariable('day_until')
),

payers as (
    select
        account_no, transaction_no, received_on, amount, payer_id, debtor_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by account_no, transaction_no order by known_on
        ) as known_until
    from settled.payers
    where known_on <= getvariable('day_until')
),

money as (
    select payer_id as customer_id, * exclude (payer_id, debtor_id)
    from payers
    where payer_id is not null
    union all
    select debtor_id, * exclude (payer_id, debtor_id)
    from payers
    where debtor_id is distinct from payer_id and debtor_id is not null
),

came as (
    select
        days.as_of, promises.customer_id, promises.promised_on, promises.pay_by, promises.amount,
        promises.note, promises.file_id, promises.sheet, promises.row_no,
        coalesce(sum(money.amount), 0) as paid
    from days
    inner join promises
        on
            days.as_of >= promises.known_from
            and days.as_of < promises.known_until
            and days.as_of < promises.pay_by + to_months(getvariable('policy').credit.record.months)
    left join money
        on
            promises.customer_id = money.customer_id
            and money.received_on >= promises.promised_on
            and money.received_on <= promises.pay_by
            and money.known_on <= days.as_of
            and money.known_until > days.as_of
    group by all
),

final as (
    select
        as_of, customer_id, promised_on, pay_by, amount, cast(paid as decimal(18, 2)) as paid,
        case when paid >= amount then 'kept' when as_of > pay_by then 'broken' else 'open' end
            as promise_state,
        note, file_id, sheet, row_no
    from came
)

select * from final
