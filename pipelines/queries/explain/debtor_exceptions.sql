-- One row per reason for which something is stuck that the asked debtor owes, on the newest day.

with final as (
    select
        reason_zh || ' ' || reason_en as reason, count(*) as exceptions,
        cast(sum(amount) as decimal(18, 2)) as amount, min(opened_on) as oldest
    from matched.exceptions
    where as_of = $as_of and debtor_id = $no
    group by reason_zh, reason_en
    order by sum(abs(amount)) desc, reason
)

select * from final
