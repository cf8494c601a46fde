-- One row per payment that a person may decide on (account_no, transaction_no): money without a place
-- on the day, and money that its amount alone gave a place in the days before (policy), so that it can
-- be taken off again. What has no place comes first, then the largest payments.

with unapplied as (
    select * from settled.unapplied_cash where as_of = $as_of
),

answers as (
    select account_no, transaction_no, known_on, verdict, rule, evidence, debtor_id, is_decision
    from matched.cash_answers
    where known_on <= $as_of and is_replacing
),

by_amount as (
    select answers.*
    from answers
    anti join answers as later
        on
            answers.account_no = later.account_no
            and answers.transaction_no = later.transaction_no
            and answers.known_on < later.known_on
    where
        answers.known_on > $as_of::date - getvariable('policy').cash.review_days
        and answers.verdict = 'applied'
        and not answers.is_decision
),

receipt_versions as (
    select * from staged.bank_receipts where known_on <= $as_of
),

receipts as (
    select *
    from receipt_versions
    semi join (
        select account_no, transaction_no from unapplied
        union
        select account_no, transaction_no from by_amount
    ) using (account_no, transaction_no)
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

versions as (
    select customer_id, customer_name, known_on from staged.customers where known_on <= $as_of
),

customers as (
    select *
    from versions
    qualify row_number() over (partition by customer_id order by known_on desc) = 1
)

select
    'cash:' || receipts.account_no || '/' || receipts.transaction_no || '@' || $as_of::date
        as subject,
    case
        when by_amount.rule is null then 'unapplied'
        when unapplied.amount is null then 'applied'
        else 'in_part'
    end as state,
    receipts.chain_id,
    coalesce(customers.customer_name, unapplied.debtor_id, by_amount.debtor_id) as debtor_name,
    receipts.payer_name,
    receipts.received_on,
    receipts.memo,
    receipts.amount as paid,
    coalesce(unapplied.amount, 0) as amount,
    unapplied.question,
    unapplied.candidates,
    coalesce(unapplied.evidence, by_amount.evidence) as cash_evidence
from receipts
left join unapplied using (account_no, transaction_no)
left join by_amount using (account_no, transaction_no)
left join customers on coalesce(unapplied.debtor_id, by_amount.debtor_id) = customers.customer_id
order by
    state = 'applied', abs(receipts.amount) desc, receipts.account_no, receipts.transaction_no
