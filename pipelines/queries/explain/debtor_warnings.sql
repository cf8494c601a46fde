-- One row per warning about the asked customer on the newest day.

with final as (
    select warning_id, kind, severity, first_on, cleared_on, evidence, owner, deadline
    from warned.warnings
    where as_of = $as_of and customer_id = $no
    order by first_on, warning_id
)

select * from final
