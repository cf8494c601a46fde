-- One row per paper that changed what a debtor owes on the day, the largest changes first.

with changes as (
    select * from aged.changes where as_of = $as_of
)

select
    cause, chain_id, debtor_id, store_id, paper_kind, paper_no, effective_on, known_on, amount
from changes
order by
    abs(amount) desc, debtor_id, cause, paper_kind, paper_no, store_id, effective_on, known_on,
    chain_id
