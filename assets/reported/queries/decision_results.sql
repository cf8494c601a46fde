-- One row per thing that became of a decision in the 31 days up to the day, the latest first; rows
-- of worklists that were refused stand among them.

with results as (
    select * from matched.decision_results where known_on between $as_of::date - 30 and $as_of
),

warning_answers as (
    select * from warned.warning_decisions where known_on between $as_of::date - 30 and $as_of
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
        known_on, 'warning', warning_id, decision, cast(snoozed_until as varchar), null, note,
        decided_by, decided_on,
        case when misunderstood is null then 'taken' else 'not_understood' end,
        misunderstood, file_id, sheet, row_no
    from warning_answers
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
