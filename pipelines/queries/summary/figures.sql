-- One row: what was read, up to the newest closed day.

with final as (
    select
        count(distinct known_on) as days_with_papers, count(*) as files, sum(rows_in) as rows_in,
        sum(rows_duplicate) as rows_sent_again, sum(rows_rejected) as rows_rejected
    from received.files
)

select * from final
