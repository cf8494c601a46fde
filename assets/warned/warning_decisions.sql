-- One row per person's answer to a warning (warning_id, decided_on) and day on which a version of it
-- became known: `acknowledge` says that somebody looks after it, `snooze` that it need not be shown
-- as new before the day in `snoozed_until`, `reopen` takes either back. A snooze without a day in
-- `target_id`, and any other word, does nothing and says so in `misunderstood`.

with answers as (
    select
        decisions.known_on, decisions.subject_id as warning_id,
        coalesce(words.meaning, lower(trim(decisions.decision))) as decision,
        words.meaning is not null as is_understood, trim(decisions.target_id) as target_id,
        decisions.note, decisions.decided_by, decisions.decided_on, decisions.file_id,
        decisions.sheet, decisions.row_no
    from staged.decisions
    left join staged.decision_words as words
        on
            decisions.subject_kind = words.subject_kind
            and lower(trim(decisions.decision)) = words.word
    where
        decisions.known_on between getvariable('day_from') and getvariable('day_until')
        and decisions.subject_kind = 'warning'
),

final as (
    select
        known_on, warning_id, decision,
        case when decision = 'snooze' then try_cast(target_id as date) end as snoozed_until,
        case
            when not is_understood
                then 'a warning is answered by acknowledge, snooze or reopen, not by ' || decision
            when decision = 'snooze' and try_cast(target_id as date) is null
                then 'snooze needs the day until which, as YYYY-MM-DD in target_id'
        end as misunderstood,
        note, decided_by, decided_on, file_id, sheet, row_no
    from answers
)

select * from final
