-- One row per file that came in on the day, those with something wrong first.

with files as (
    select * from received.files where known_on = $as_of
),

rejected_rows as (
    select * from received.rejected_rows where known_on = $as_of
),

first_reasons as (
    select path, arg_min(reason, (sheet, row, field)) as first_reason
    from rejected_rows
    group by all
)

select
    files.path,
    files.kind,
    files.rows_in,
    files.rows_staged,
    files.rows_duplicate,
    files.rows_rejected,
    files.amount_rejected,
    coalesce(files.message, first_reasons.first_reason) as reason,
    -- an archive has no rows of its own; it is told of only when something in it was refused
    files.kind is null and (files.layout is distinct from 'zip' or files.message is not null)
        as is_unreadable
from files
left join first_reasons using (path)
order by is_unreadable desc, rows_rejected desc, path
