-- One row per total printed in a file of the 31 days up to the day that is not the sum of the rows
-- read, the newest first.

with printed as (
    select *
    from received.file_totals
    where
        known_on between $as_of::date - 30 and $as_of
        and printed is distinct from summed
)

select
    known_on,
    known_on = $as_of as is_new,
    path,
    sheet,
    row,
    label,
    field,
    printed,
    summed,
    cast(printed - summed as decimal(18, 2)) as difference
from printed
order by known_on desc, path, sheet, row, field
