-- One row per invoice and tax rate that a chain lists with a statement (chain_id, statement_no,
-- line_no) and day the list became known. The latest list known on a day counts on that day.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.statement_invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
)

select * from standing_rows
