-- One row per decision on an exception (exception_id, decided_on) and day on which a version of it
-- became known: what it means (null where its words are not understood), and what the exception was
-- worth when it was made: the amount that the decision names, else that of the list of the day
-- before it came, else of that day.

with decisions as (
    select
        decisions.known_on, decisions.subject_id as exception_id, decisions.decided_on,
        decisions.decision as said,
        -- who is to act is what an assignment says
        case
            when words.meaning <> 'assign' or decisions.target_id is not null then words.meaning
        end as decision,
        decisions.target_id as owner, decisions.amount, decisions.note, decisions.decided_by,
        decisions.file_id, decisions.sheet, decisions.row_no
    from staged.decisions as decisions
    left join staged.decision_words as words
        on
            decisions.subject_kind = words.subject_kind
            and lower(trim(decisions.decision)) = words.word
    where
        decisions.known_on between getvariable('day_from') and getvariable('day_until')
        and decisions.subject_kind = 'exception'
),

asked_days as (
    select known_on - 1 as as_of from decisions
    union
    select known_on from decisions
),

raised as (
    select as_of, reason, chain_id, order_no as document_no, amount
    from matched.order_exceptions
    semi join asked_days using (as_of)
    union all
    select as_of, reason, chain_id, invoice_no, amount
    from matched.invoice_exceptions
    semi join asked_days using (as_of)
    union all
    select as_of, reason, chain_id, document_no, amount
    from matched.statement_exceptions
    semi join asked_days using (as_of)
    union all
    select as_of, reason, chain_id, document_no, amount
    from matched.paper_exceptions
    semi join asked_days using (as_of)
    union all
    select as_of, reason, chain_id, document_no, amount
    from matched.reference_exceptions
    semi join asked_days using (as_of)
),

worth as (
    select
        as_of, substr(md5(reason || '|' || chain_id || '|' || document_no), 1, 16) as exception_id,
        sum(amount) as amount
    from raised
    group by all
),

final as (
    select
        decisions.known_on, decisions.exception_id, decisions.decided_on, decisions.decision,
        decisions.said, decisions.owner, decisions.note, decisions.decided_by,
        cast(
            coalesce(decisions.amount, the_day_before.amount, that_day.amount) as decimal(18, 2)
        ) as amount_then,
        decisions.file_id, decisions.sheet, decisions.row_no
    from decisions
    left join worth as the_day_before
        on
            decisions.exception_id = the_day_before.exception_id
            and decisions.known_on - 1 = the_day_before.as_of
    left join worth as that_day
        on
            decisions.exception_id = that_day.exception_id
            and decisions.known_on = that_day.as_of
)

select * from final
