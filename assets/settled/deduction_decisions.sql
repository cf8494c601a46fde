-- One row per decision on a deduction (deduction_id, decided_on) and day on which what it clears was
-- weighed: when it came, when a payment took the deduction, when an agreement came to support more
-- or less of it, when the chain repaid some of it, and when a further decision came. Decisions count
-- in the order of their days: accept and write_off clear what they name of the disputed part, else all
-- that is open; reopen undoes those before it; dispute keeps the deduction open. A decision on the
-- exception that no agreement counts for a deduction is one on the deduction. `sentence` says what
-- became of it.

with given as (
    select
        subject_kind, subject_id, known_on, decided_on, decision, amount, note, decided_by,
        file_id, sheet, row_no
    from staged.decisions
    where
        known_on <= getvariable('day_until') and subject_kind in ('deduction', 'exception')
),

-- the exception that no agreement counts for a deduction asks the same question
excepted as (
    select distinct
        deduction_id,
        substr(
            md5('unexplained_deduction|' || chain_id || '|' || paper_no || '#' || line_no), 1, 16
        ) as exception_id
    from matched.agreed_deductions
    where known_on <= getvariable('day_until') and agreement_id is null and amount > 0
),

subjects as (
    select subject_id as deduction_id, * exclude (subject_id)
    from given
    where subject_kind = 'deduction'
    union all
    select excepted.deduction_id, given.* exclude (subject_id)
    from given
    inner join excepted on given.subject_id = excepted.exception_id
    where given.subject_kind = 'exception'
),

-- of two of one day that on the deduction itself counts
worded as (
    select subjects.*, words.meaning
    from subjects
    left join staged.decision_words as words
        on
            subjects.subject_kind = words.subject_kind
            and lower(trim(subjects.decision)) = words.word
    where
        subjects.subject_kind = 'deduction'
        or words.meaning in ('accept', 'write_off', 'dispute', 'reopen')
    qualify row_number() over (
        partition by subjects.deduction_id, subjects.decided_on, subjects.known_on
        order by subjects.subject_kind
    ) = 1
),

decisions as (
    select
        known_on, deduction_id, decided_on, decision as said, meaning as decision, amount, note,
        decided_by,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id, decided_on order by known_on
        ) as known_until,
        file_id, sheet, row_no
    from worded
),

taken as (
    select
        item_id as deduction_id, known_on, effective_on, chain_id, debtor_id, store_id, document_no,
        document_on, case when part = 'deduction' then -amount else 0 end as amount
    from settled.cash_applications
    semi join decisions on cash_applications.item_id = decisions.deduction_id
    where known_on <= getvariable('day_until') and part in ('deduction', 'given_back')
),

items as (
    select
        deduction_id, min(known_on) as taken_on, min(chain_id) as chain_id,
        min(debtor_id) as debtor_id, min(store_id) as store_id, min(document_no) as document_no,
        min(document_on) as document_on
    from taken
    group by deduction_id
),

first_known as (
    select deduction_id, min(known_on) as known_on
    from settled.deductions
    semi join decisions using (deduction_id)
    where known_on <= getvariable('day_until')
    group by deduction_id
),

repaid as (
    select deduction_id, known_on, effective_on, amount
    from settled.repayments
    semi join decisions using (deduction_id)
    where known_on <= getvariable('day_until')
),

supported as (
    select deduction_id, known_on, effective_on, taken_change + weighed_change as amount
    from settled.supported_deductions
    semi join decisions using (deduction_id)
    where known_on <= getvariable('day_until')
),

-- the disputed part: what was taken but for what an agreement supports, less what came back
changes as (
    select deduction_id, known_on, effective_on, amount as disputed, 0 as repaid from taken
    union all
    select deduction_id, known_on, effective_on, -amount, 0 from supported
    union all
    select deduction_id, known_on, effective_on, 0, amount from repaid
),

days as (
    select deduction_id, known_on from changes
    union
    select deduction_id, known_on from decisions
),

weighed as (
    select
        days.deduction_id, days.known_on,
        max(changes.effective_on) as effective_on,
        greatest(coalesce(sum(changes.disputed), 0), 0) as disputed,
        coalesce(sum(changes.repaid), 0) as repaid
    from days
    left join changes
        on days.deduction_id = changes.deduction_id and days.known_on >= changes.known_on
    group by days.deduction_id, days.known_on
),

standing as (
    select
        weighed.known_on, weighed.effective_on, weighed.disputed,
        greatest(weighed.disputed - weighed.repaid, 0) as open_amount,
        decisions.* exclude (known_on, known_until),
        decisions.decision in ('accept', 'write_off') and coalesce(decisions.amount, 1) > 0
            as is_clearing,
        count(*) filter (decisions.decision = 'reopen') over by_then as reopenings,
        count(*) filter (decisions.decision = 'reopen') over (
            partition by weighed.deduction_id, weighed.known_on
        ) as all_reopenings
    from weighed
    inner join decisions
        on
            weighed.deduction_id = decisions.deduction_id
            and weighed.known_on >= decisions.known_on
            and weighed.known_on < decisions.known_until
    window by_then as (
        partition by weighed.deduction_id, weighed.known_on order by decisions.decided_on
    )
),

wanted as (
    select
        *,
        case
            when is_clearing and reopenings = all_reopenings then coalesce(amount, open_amount)
            else 0
        end as wanted
    from standing
),

cleared as (
    select
        *,
        least(sum(wanted) over by_then, open_amount)
        - least(sum(wanted) over by_then - wanted, open_amount) as cleared,
        open_amount - least(sum(wanted) over by_then, open_amount) as left_open,
        max(decided_on) over (partition by deduction_id, known_on) as last_decided_on,
        count(*) filter (is_clearing) over by_then as clearings
    from wanted
    window by_then as (partition by deduction_id, known_on order by decided_on)
),

told as (
    select
        cleared.*,
        items.taken_on is not null as is_taken,
        items.chain_id, items.debtor_id, items.store_id, items.document_no, items.document_on,
        case
            when cleared.decision is null or cleared.amount <= 0 then 'not_understood'
            when first_known.known_on is null or first_known.known_on > cleared.known_on
                then 'unknown_subject'
            when items.taken_on is null then 'waiting'
            when cleared.is_clearing and cleared.reopenings < cleared.all_reopenings
                then 'superseded'
            when cleared.is_clearing and cleared.cleared = 0 then 'unchanged'
            when cleared.decision = 'reopen' and cleared.clearings = 0 then 'unchanged'
            else 'taken'
        end as result
    from cleared
    left join items
        on
            cleared.deduction_id = items.deduction_id
            and cleared.known_on >= items.taken_on
    left join first_known on cleared.deduction_id = first_known.deduction_id
),

final as (
    select
        known_on, deduction_id, decided_on, decision, said, decided_by, amount, note,
        greatest(effective_on, last_decided_on) as effective_on,
        chain_id, debtor_id, store_id, document_no, document_on,
        cast(case when is_taken then cleared else 0 end as decimal(18, 2)) as cleared_amount,
        result,
        case
            when decision is null
                then '"' || said || '" is not understood: say accept, write_off, dispute or reopen'
            when result = 'not_understood' then 'the amount must be above nothing'
            when result = 'unknown_subject'
                then 'no deduction has this number; copy it from the dispute list'
            when result = 'waiting' then 'no payment has taken it yet; it counts when one does'
            when result = 'superseded' then 'a later decision reopens the deduction'
            when decision = 'dispute'
                then 'stays open as disputed: ' || cast(cast(left_open as decimal(18, 2)) as varchar)
            when decision = 'reopen' and result = 'unchanged' then 'nothing had been cleared'
            when decision = 'reopen' then 'what was decided before counts no more'
            when result = 'unchanged' then 'nothing of it was open any more'
            else if(decision = 'accept', 'accepts ', 'writes off ')
                || cast(cast(cleared as decimal(18, 2)) as varchar) || ' of '
                || cast(cast(disputed as decimal(18, 2)) as varchar) || ' disputed'
                || case
                    when amount > cleared
                        then '; ' || cast(amount as varchar) || ' was asked, but no more is open'
                    else ''
                end
        end as sentence,
        file_id, sheet, row_no
    from told
    where known_on >= getvariable('day_from')
)

select * from final
