-- One row per stretch of days on which the asked warning said the same.

with said as (
    select
        kind, customer_id, severity, state, first_on, cleared_on, evidence, answer, owner, deadline,
        min(as_of) as said_from, max(as_of) as said_until
    from warned.warnings
    where warning_id = $no
    group by
        kind, customer_id, severity, state, first_on, cleared_on, evidence, answer, owner, deadline
),

final as (
    select * from said
    order by said_from, said_until
)

select * from final
