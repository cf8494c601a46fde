-- One row: whether a day is closed, and the first and the last closed day.

with final as (
    select
        coalesce(bool_or(day = $day), false) as is_closed,
        min(day) as first_on, max(day) as last_on
    from closed.warehouse.slices
    where table_name = 'reported.packs'
)

select * from final
