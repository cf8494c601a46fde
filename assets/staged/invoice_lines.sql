-- One row per invoice line (invoice_no, line_no) and day on which a version of it became known.
-- Lines come as a set per file: the latest set known on a day counts on that day, and a file without
-- lines (an OFD) erases none.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.invoice_lines
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
)

select * from standing_rows
