-- One row: what all debtors were relieved of by write-offs up to the day, by the trial balances.

with trial as (
    select * from settled.trial where as_of <= $as_of
)

select cast(coalesce(sum(write_offs), 0) as decimal(18, 2)) as amount
from trial
