-- One row per stretch of days on which the asked warning said the same: the first one and the newest
-- three.

with said as (
    select
        kind, customer_id, severity, first_on, cleared_on, evidence, owner, deadline,
        min(as_of) as said_from, max(as_of) as said_until
    from warned.warnings
    where warning_id = $no
    group by kind, customer_id, severity, first_on, cleared_on, evidence, owner, deadline
),

numbered as (
    select
        *, row_number() over (order by said_from, said_until) as place, count(*) over () as stretches
    from said
),

final as (
    select * exclude (place, stretches)
    from numbered
    where place = 1 or place > stretches - 3
    order by place
)

select * from final
