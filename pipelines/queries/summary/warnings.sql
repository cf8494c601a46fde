-- One row per kind and severity of the warnings that stand on the newest closed day.

with final as (
    select kind, severity, count(*) as warnings, min(first_on) as oldest
    from warned.warnings
    where as_of = $as_of and cleared_on is null
    group by kind, severity
    order by kind, severity
)

select * from final
