-- One row per name or code that means no known customer on the day, and candidate; the names with
-- the most money first. Money and papers stand on the first candidate's row.

with proposals as (
    select * from staged.identity_proposals where as_of = $as_of
)

select
    coalesce(candidate_chain_id, nullif(chain_id, 'unknown')) as chain_id,
    alias_kind,
    alias,
    candidate_id as customer_id,
    candidate_name,
    place,
    likeness,
    evidence,
    case when place = 1 then papers end as papers,
    case when place = 1 then amount end as amount,
    first_seen_on
from proposals
order by
    max(amount) over (partition by proposals.chain_id, alias_kind, alias) desc, alias, alias_kind,
    proposals.chain_id, place
