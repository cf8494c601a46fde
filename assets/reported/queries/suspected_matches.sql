-- One row per proposed match of the day, the largest amounts first.

with suspected_matches as (
    select * from matched.suspected_matches where as_of = $as_of
)

select
    'suspected_match:' || suspect_id || '@' || as_of as subject,
    chain_id,
    to_kind,
    to_no,
    from_kind,
    named_no,
    from_no,
    amount,
    score,
    evidence
from suspected_matches
order by abs(amount) desc nulls last, suspect_id
