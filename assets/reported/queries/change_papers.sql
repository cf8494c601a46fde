-- One row per cause by which what is owed changed on the day: how many papers and debtors it concerns.

with changes as (
    select * from aged.changes where as_of = $as_of
)

select
    cause,
    count(distinct (chain_id, paper_kind, paper_no)) as papers,
    count(distinct debtor_id) as debtors
from changes
group by cause
order by cause
