-- One row per decision on an exception (exception_id, decided_on) and day on which a version of it
-- became known: what it means (null where its words are not understood), and what the exception was
-- worth when it was made: the amount that the decision names, else that of the list of the day
-- before it came, else of that day. A decision on a deduction counts for the exception that no
-- agreement counts for it, at what was accepted and written off of it so far.

with fee_decisions as (
    select
        decisions.* exclude (decision), decisions.decision as said, words.meaning as decision,
        lead(decisions.known_on, 1, date '9999-12-31') over (
            partition by decisions.subject_id, decisions.decided_on order by decisions.known_on
        ) as known_until
    from staged.decisions as decisions
    inner join staged.decision_words as words
        on
            decisions.subject_kind = words.subject_kind
            and lower(trim(decisions.decision)) = words.word
    where
        decisions.known_on <= getvariable('day_until')
        and decisions.subject_kind = 'deduction'
        and coalesce(decisions.amount, 1) > 0
),

fees as (
    select
        deduction_id as subject_id, min(known_on) as known_on,
        substr(
            md5(
                'unexplained_deduction|' || min(chain_id) || '|' || min(paper_no) || '#'
                || min(line_no)
            ),
            1, 16
        ) as exception_id
    from matched.agreed_deductions
    semi join fee_decisions on agreed_deductions.deduction_id = fee_decisions.subject_id
    where known_on <= getvariable('day_until') and agreement_id is null
    group by deduction_id
),

-- decisions that stand when a further one comes, up to its date
fee_decisions_then as (
    select
        later.known_on, later.subject_id, later.decided_on, earlier.decision, earlier.amount,
        earlier.decided_on as earlier_on,
        max(case when earlier.decision = 'reopen' then earlier.decided_on end) over (
            partition by later.known_on, later.subject_id, later.decided_on
        ) as reopened_on
    from fee_decisions as later
    inner join fee_decisions as earlier
        on
            later.subject_id = earlier.subject_id
            and later.known_on >= earlier.known_on
            and later.known_on < earlier.known_until
            and later.decided_on >= earlier.decided_on
    where later.known_on >= getvariable('day_from')
),

-- null is all of it
fee_amounts as (
    select
        known_on, subject_id, decided_on,
        case when count(*) = count(amount) then sum(amount) end as amount
    from fee_decisions_then
    where
        decision in ('accept', 'write_off')
        and coalesce(earlier_on > reopened_on, true)
    group by known_on, subject_id, decided_on
),

on_fees as (
    select
        decisions.known_on, fees.exception_id, decisions.decided_on, decisions.said,
        decisions.decision, cast(null as varchar) as owner,
        case
            when decisions.decision in ('accept', 'write_off') then fee_amounts.amount
        end as amount,
        decisions.note, decisions.decided_by, true as is_on_fee, decisions.file_id,
        decisions.sheet, decisions.row_no
    from fee_decisions as decisions
    inner join fees
        on decisions.subject_id = fees.subject_id and decisions.known_on >= fees.known_on
    left join fee_amounts
        on
            decisions.known_on = fee_amounts.known_on
            and decisions.subject_id = fee_amounts.subject_id
            and decisions.decided_on = fee_amounts.decided_on
    where decisions.known_on >= getvariable('day_from')
),

on_exceptions as (
    select
        decisions.known_on, decisions.subject_id as exception_id, decisions.decided_on,
        decisions.decision as said,
        -- who is to act is what an assignment says
        case
            when words.meaning <> 'assign' or decisions.target_id is not null then words.meaning
        end as decision,
        decisions.target_id as owner, decisions.amount, decisions.note, decisions.decided_by,
        false as is_on_fee, decisions.file_id, decisions.sheet, decisions.row_no
    from staged.decisions as decisions
    left join staged.decision_words as words
        on
            decisions.subject_kind = words.subject_kind
            and lower(trim(decisions.decision)) = words.word
    where
        decisions.known_on between getvariable('day_from') and getvariable('day_until')
        and decisions.subject_kind = 'exception'
),

-- of two of one day that on the exception itself counts
decisions as (
    select *
    from (
        select * from on_exceptions
        union all by name
        select * from on_fees
    )
    qualify row_number() over (
        partition by exception_id, decided_on, known_on order by is_on_fee
    ) = 1
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
            case
                when decisions.is_on_fee
                    then least(
                        decisions.amount, coalesce(the_day_before.amount, that_day.amount)
                    )
                else coalesce(decisions.amount, the_day_before.amount, that_day.amount)
            end as decimal(18, 2)
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
