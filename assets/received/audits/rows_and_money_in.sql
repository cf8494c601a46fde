-- One offending row per file whose rows or money in are not staged + duplicate + rejected.

with files as (
    select * from received.files
    where known_on between getvariable('day_from') and getvariable('day_until')
),

offending as (
    select
        known_on, path, rows_in, rows_staged, rows_duplicate, rows_rejected,
        amount_in, amount_staged, amount_duplicate, amount_rejected
    from files
    where
        rows_in <> rows_staged + rows_duplicate + rows_rejected
        or amount_in <> amount_staged + amount_duplicate + amount_rejected
)

select * from offending
