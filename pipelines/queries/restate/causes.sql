-- One row per cause: what the papers that became known later change of the day, CNY.

with final as (
    select
        cause, cast(sum(amount) as decimal(18, 2)) as difference, count(distinct paper_no) as papers
    from aged.changes
    where effective_on <= $day and known_on > $day
    group by cause
    order by cause
)

select * from final
