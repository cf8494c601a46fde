-- One row per file that was not read, or of which rows were rejected.

with final as (
    select
        files.path as file, coalesce(files.rows_rejected, 0) as rejected_rows,
        coalesce(any_value(files.message), min(rejected.reason)) as reason
    from received.files as files
    left join received.rejected_rows as rejected using (known_on, path)
    where files.message is not null or files.rows_rejected > 0
    group by files.path, files.rows_rejected
    order by files.path
)

select * from final
