-- One row per statement line that a restated statement added, removed or changed in the 31 days up
-- to the day, the newest first.

with changes as (
    select *
    from staged.statement_changes
    where known_on between $as_of::date - 30 and $as_of
),

files as (
    select file_id, path from received.files where known_on <= $as_of
)

select
    changes.known_on,
    changes.known_on = $as_of as is_new,
    changes.chain_id,
    changes.statement_no,
    changes.change_kind,
    changes.line_kind,
    coalesce(changes.receipt_no, changes.order_no, changes.fee_code) as about_no,
    changes.store_code,
    changes.amount_before,
    changes.amount_after,
    changes.difference,
    files_before.path as path_before,
    changes.row_no_before,
    files_after.path as path_after,
    changes.row_no as row_no_after
from changes
left join files as files_before on changes.file_id_before = files_before.file_id
left join files as files_after on changes.file_id = files_after.file_id
order by
    changes.known_on desc, changes.chain_id, changes.statement_no, abs(changes.difference) desc,
    about_no, changes.store_code, changes.line_kind, changes.occurrence
