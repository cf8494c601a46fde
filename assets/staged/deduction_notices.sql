-- One row per row of a deduction notice (chain_id, notice_no, line_no) and day a version of it
-- became known: open fees, claims and fee agreements that no statement need have taken yet.
-- The latest version known on a day is the one that counts on that day.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.deduction_notices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
)

select * from standing_rows
