-- One row per thing that became of a decision in the 31 days up to the day, the latest first; rows
-- of worklists that were refused stand among them.

with results as (
    select * from matched.decision_results where known_on between $as_of::date - 30 and $as_of
),

warning_answers as (
    select * from warned.warning_decisions where known_on between $as_of::date - 30 and $as_of
),

known_warnings as (
    select distinct warnings.warning_id
    from warned.warnings
    semi join warning_answers using (warning_id)
    where warnings.as_of <= $as_of
),

-- a decision on a deduction is weighed again whenever something happens to it: the last time counts
deduction_results as (
    select *
    from settled.deduction_decisions
    where known_on between $as_of::date - 30 and $as_of
    qualify row_number() over (
        partition by deduction_id, decided_on order by known_on desc, file_id, row_no
    ) = 1
),

-- what was said of a payment on the day on which both it and the decision were known
cash_payments as (
    select account_no, transaction_no, min(known_on) as known_on
    from staged.bank_receipts
    where known_on <= $as_of
    group by account_no, transaction_no
),

cash_subjects as (
    select *, unnest([transaction_no, account_no || '/' || transaction_no]) as subject_id
    from cash_payments
),

cash_decisions as (
    select
        decisions.* exclude (known_on),
        cash_subjects.account_no,
        cash_subjects.transaction_no,
        greatest(decisions.known_on, cash_subjects.known_on) as known_on
    from received.decisions as decisions
    left join cash_subjects using (subject_id)
    where
        decisions.subject_kind = 'cash'
        and greatest(decisions.known_on, cash_subjects.known_on)
        between $as_of::date - 30 and $as_of
),

cash_answers as (
    select account_no, transaction_no, known_on, verdict, rule, evidence, question
    from matched.cash_answers
    where known_on between $as_of::date - 30 and $as_of
),

cash_results as (
    select
        decisions.*,
        answers.rule,
        answers.question,
        answers.evidence,
        case
            when decisions.is_duplicate then 'unchanged'
            when decisions.transaction_no is null then 'unknown_subject'
            when not decisions.is_standing then 'superseded'
            when answers.verdict is null then 'unchanged'
            when
                answers.rule = 'decision'
                and contains(answers.evidence, ' decided: ')
                and not contains(
                    answers.evidence,
                    decisions.decided_by || ' decided: ' || trim(decisions.decision)
                )
                then 'superseded'
            when answers.verdict = 'refused' then 'refused'
            else 'taken'
        end as result
    from cash_decisions as decisions
    left join cash_answers as answers using (account_no, transaction_no, known_on)
),

rejected_rows as (
    select *
    from received.rejected_rows
    where known_on between $as_of::date - 30 and $as_of and kind = 'decisions'
),

files as (
    select file_id, path from received.files where known_on <= $as_of
),

told as (
    select
        known_on, subject_kind, subject_id, decision, target_id, amount, note, decided_by,
        decided_on, result, sentence, file_id, sheet, row_no
    from results
    union all
    select
        answers.known_on, 'warning', answers.warning_id, answers.decision,
        cast(answers.snoozed_until as varchar), null, answers.note, answers.decided_by,
        answers.decided_on,
        case
            when answers.misunderstood is not null then 'not_understood'
            when known_warnings.warning_id is null then 'unknown_subject'
            else 'taken'
        end,
        case
            when answers.misunderstood is not null then answers.misunderstood
            when known_warnings.warning_id is null
                then 'no warning has this number; copy it from the credit pack'
        end,
        answers.file_id, answers.sheet, answers.row_no
    from warning_answers as answers
    left join known_warnings using (warning_id)
    union all
    select
        known_on, 'deduction', deduction_id, coalesce(decision, said), null, amount, note,
        decided_by, decided_on, result, sentence, file_id, sheet, row_no
    from deduction_results
    union all
    select
        known_on, 'cash', subject_id, decision, target_id, amount, note, decided_by, decided_on,
        result,
        case
            when is_duplicate then 'the same decision came before'
            when result = 'unknown_subject'
                then 'no payment has this number; copy it from the exception list'
            when not is_standing then 'another file of the day says otherwise and counts'
            when result = 'unchanged' then 'it says what stands already'
            when result = 'superseded' then 'a later decision counts: ' || evidence
            when result = 'refused' then concat_ws('; ', evidence, question)
            else coalesce(question, 'it counts')
        end,
        file_id, sheet, row_no
    from cash_results
    union all
    select
        known_on, null, value, null, null, null, null, null, null, 'refused', reason, file_id,
        sheet, row
    from rejected_rows
)

select
    told.known_on,
    told.subject_kind,
    told.subject_id,
    told.decision as decided,
    told.target_id,
    told.amount as amount_decided,
    told.note,
    told.decided_by,
    told.decided_on,
    told.result,
    told.sentence,
    files.path,
    told.sheet,
    told.row_no
from told
left join files using (file_id)
order by
    told.known_on desc, told.result, told.subject_kind, told.subject_id, told.decided_on desc,
    files.path, told.sheet, told.row_no, told.sentence
