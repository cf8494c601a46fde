-- One row: the newest closed day.

with final as (
    select max(day) as as_of from warehouse.slices where table_name = 'reported.packs'
)

select * from final
