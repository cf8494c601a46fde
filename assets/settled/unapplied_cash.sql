-- One row per closed day and bank receipt (as_of, account_no, transaction_no) with money that has
-- found no place yet. `candidates` are the ways in which its amount fits and what tells them apart;
-- `question` says what to ask the payer.

with days as (
    select unnest(getvariable('days')) as as_of
),

receipts as (
    select
        account_no, transaction_no, known_on, received_on, amount, payer_id, payer_name, chain_id,
        memo, file_id, sheet, row_no
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

-- money counts from the day on which it has both happened and become known
applications as (
    select
        account_no, transaction_no,
        greatest(known_on, effective_on, getvariable('day_from')) as day,
        sum(amount) as amount
    from settled.cash_applications
    where
        known_on <= getvariable('day_until')
        and greatest(known_on, effective_on) <= getvariable('day_until')
    group by all
),

money as (
    select
        account_no, transaction_no,
        greatest(known_on, received_on, getvariable('day_from')) as day, amount
    from receipts
    where greatest(known_on, received_on) <= getvariable('day_until')
    union all
    select account_no, transaction_no, day, -amount from applications
),

steps as (
    select account_no, transaction_no, day, sum(amount) as change
    from money
    group by account_no, transaction_no, day
),

rests as (
    select
        account_no, transaction_no, day,
        sum(change) over (partition by account_no, transaction_no order by day) as amount,
        lead(day, 1, date '9999-12-31') over (
            partition by account_no, transaction_no order by day
        ) as until_day
    from steps
),

-- what was said of a payment on a day stands until something else is said
answers as (
    select
        account_no, transaction_no, debtor_id, evidence, candidates, question, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by account_no, transaction_no order by known_on
        ) as known_until
    from matched.cash_answers
    where known_on <= getvariable('day_until')
),

open_rests as (
    select days.as_of, rests.account_no, rests.transaction_no, rests.amount
    from rests
    inner join days on days.as_of >= rests.day and days.as_of < rests.until_day
    where rests.amount <> 0
),

final as (
    select
        open_rests.as_of, open_rests.account_no, open_rests.transaction_no,
        coalesce(answers.debtor_id, receipts.payer_id) as debtor_id,
        cast(open_rests.amount as decimal(18, 2)) as amount,
        receipts.chain_id, receipts.received_on, receipts.payer_name, receipts.memo,
        answers.candidates, answers.evidence,
        case
            when answers.question is not null then answers.question
            when receipts.amount < 0 then 'Which payment went back?'
            when receipts.payer_id is null
                then 'Who is ' || coalesce(receipts.payer_name, 'the payer') || '?'
            when open_rests.amount < receipts.amount
                then 'What is the rest of this payment for? Its papers are covered already.'
            else 'Which statement, advice or invoices does this payment settle?'
        end as question,
        receipts.file_id, receipts.sheet, receipts.row_no
    from open_rests
    inner join receipts using (account_no, transaction_no)
    left join answers
        on
            open_rests.account_no = answers.account_no
            and open_rests.transaction_no = answers.transaction_no
            and open_rests.as_of >= answers.known_on
            and open_rests.as_of < answers.known_until
)

select * from final
