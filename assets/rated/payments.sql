-- One row per debtor, day of payment, due date and day on which the payment was placed (known_on,
-- chain_id, debtor_id, paid_on, due_on): what was paid of goods and invoices, CNY, net of returns.
-- A payment counts from the day the money came, however long it took to be placed. The due date is
-- the one known when it was placed; null was not running yet.

with applications as (
    select
        known_on, chain_id, account_no, transaction_no, item_id, debtor_id, effective_on, amount
    from settled.cash_applications
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and part not in ('deduction', 'given_back', 'adjustment')
),

money as (
    select account_no, transaction_no, min_by(received_on, known_on) as received_on
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

-- entries of cash carry no due date of their own; of one day's entries the later due date
due_dates as (
    select
        item_id, debtor_id, known_on, max(due_on) as due_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by item_id, debtor_id order by known_on
        ) as known_until
    from settled.ledger
    semi join applications using (item_id, debtor_id)
    where
        known_on <= getvariable('day_until')
        and entry_kind not in ('cash', 'taken', 'supported', 'repaid', 'accepted', 'write_off')
    group by item_id, debtor_id, known_on
),

placed as (
    select
        applications.known_on, applications.chain_id, applications.debtor_id,
        coalesce(money.received_on, applications.effective_on) as paid_on,
        due_dates.due_on, applications.amount
    from applications
    left join money using (account_no, transaction_no)
    left join due_dates
        on
            applications.item_id = due_dates.item_id
            and applications.debtor_id = due_dates.debtor_id
            and applications.known_on >= due_dates.known_on
            and applications.known_on < due_dates.known_until
),

final as (
    select
        known_on, chain_id, debtor_id, paid_on, due_on,
        cast(sum(amount) as decimal(18, 2)) as amount
    from placed
    group by known_on, chain_id, debtor_id, paid_on, due_on
    having sum(amount) <> 0
)

select * from final
