-- One row per pack of the newest closed day.

with final as (
    select kind, path
    from reported.packs
    where as_of = $as_of and path is not null
    order by path
)

select * from final
