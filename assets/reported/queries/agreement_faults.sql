-- One row per fault of the settlement agreements that stands on the day.

with faults as (
    select * from staged.agreement_faults where as_of = $as_of
)

select chain_id, agreement_id, fault, other_id, sentence
from faults
order by chain_id, agreement_id, fault, other_id
