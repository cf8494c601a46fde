-- One row per warning that stands on the day, or cleared on it.

with warnings as (
    select * from warned.warnings where as_of = $as_of
)

select
    kind, customer_id, severity, state, first_on, cleared_on, deadline, owner, evidence, answer,
    warning_id
from warnings
where cleared_on is null or cleared_on = $as_of
order by
    cleared_on nulls first,
    list_position(['high', 'medium', 'low'], severity),
    first_on,
    kind,
    customer_id,
    warning_id
