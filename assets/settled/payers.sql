-- One row per bank receipt (account_no, transaction_no) and day on which it became known whose money
-- it is: the payer by account, else by name, else by a person's decision, and who owes for the
-- payer's deliveries of that day. Strangers have neither.

with receipts as (
    select *
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

decided as (
    select
        answers.known_on, receipts.* exclude (known_on, payer_id, chain_id, payer_rule),
        answers.debtor_id as payer_id, answers.chain_id, 'decision' as rule, answers.evidence
    from matched.cash_answers as answers
    inner join receipts using (account_no, transaction_no)
    where
        answers.known_on <= getvariable('day_until')
        and answers.debtor_id is not null
        and answers.debtor_id is distinct from receipts.payer_id
    -- what a person decided stands in the answers of later days, too
    qualify row_number() over (
        partition by receipts.account_no, receipts.transaction_no, answers.debtor_id
        order by answers.known_on
    ) = 1
),

assigned as (
    select * from decided where known_on >= getvariable('day_from')
),

paid as (
    select
        known_on, account_no, transaction_no, received_on, amount, payer_name, payer_id, chain_id,
        payer_rule as rule,
        case payer_rule
            when 'account' then 'account ' || payer_account || ' is known'
            when 'name' then 'the name ' || payer_name || ' is known'
            else 'neither account nor name is known'
        end as evidence,
        file_id, sheet, row_no
    from receipts
    where known_on >= getvariable('day_from')
    union all
    select
        known_on, account_no, transaction_no, received_on, amount, payer_name, payer_id, chain_id,
        rule, evidence, file_id, sheet, row_no
    from assigned
),

store_terms as (
    select * from staged.steps.own_store_term_versions
    where category is null
),

final as (
    select
        paid.known_on, paid.account_no, paid.transaction_no, paid.received_on, paid.amount,
        paid.payer_name, paid.payer_id, coalesce(terms.debtor_id, paid.payer_id) as debtor_id,
        paid.chain_id, paid.rule, paid.evidence, paid.file_id, paid.sheet, paid.row_no
    from paid
    left join store_terms as terms
        on
            paid.payer_id = terms.store_id
            and paid.known_on >= terms.known_from
            and paid.known_on < terms.known_until
            and paid.received_on between terms.valid_from and terms.valid_to
)

select * from final
