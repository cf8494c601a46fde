-- One row per claim of a payment on a unit (account_no, transaction_no, budget_no, unit_kind, unit_no)
-- and day on which it can be met, with the day `released_on` on which the payment gave it up. On one
-- day claims of payments that name their papers come first (`turn`).

with answers as not materialized (
    select
        account_no, transaction_no, known_on, is_decision,
        lead(known_on) over (
            partition by account_no, transaction_no order by known_on
        ) as replaced_on
    from matched.cash_answers
    where known_on <= getvariable('day_until') and is_replacing
),

-- what a person decides outranks what the payment names, from that day on
decided as not materialized (
    select account_no, transaction_no, min(known_on) as known_on
    from answers
    where is_decision
    group by account_no, transaction_no
),

named as not materialized (
    select * from matched.payment_claims where known_on <= getvariable('day_until')
    union all by name
    select * from matched.followed_claims where known_on <= getvariable('day_until')
),

final as not materialized (
    select
        known_on, account_no, transaction_no, chain_id, reference_no, budget_no, unit_kind,
        unit_no, amount, rule, evidence, received_on, file_id, sheet, row_no, 2 as turn,
        cast(null as date) as released_on
    from named
    anti join decided using (account_no, transaction_no)
    union all
    select
        claims.known_on, claims.account_no, claims.transaction_no, claims.chain_id,
        claims.reference_no, claims.budget_no, claims.unit_kind, claims.unit_no, claims.amount,
        claims.rule, claims.evidence, claims.received_on, claims.file_id, claims.sheet,
        claims.row_no, 2, decided.known_on
    from named as claims
    inner join decided
        on
            claims.account_no = decided.account_no
            and claims.transaction_no = decided.transaction_no
            and claims.known_on < decided.known_on
    union all
    select
        claims.known_on, claims.account_no, claims.transaction_no, claims.chain_id,
        claims.reference_no, claims.budget_no, claims.unit_kind, claims.unit_no, claims.amount,
        claims.rule, claims.evidence, claims.received_on, claims.file_id, claims.sheet,
        claims.row_no, 3, answers.replaced_on
    from matched.inferred_claims as claims
    inner join answers
        on
            claims.account_no = answers.account_no
            and claims.transaction_no = answers.transaction_no
            and claims.answered_on = answers.known_on
    where
        claims.known_on <= getvariable('day_until')
        and claims.known_on < coalesce(answers.replaced_on, date '9999-12-31')
)

select * from final
