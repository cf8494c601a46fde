-- One row per credit tier on the newest closed day: customers, exposure and what is overdue.

with final as (
    select
        credit_tier, count(*) as customers, sum(credit_limit) as credit_limit,
        sum(exposure) as exposure, sum(overdue) as overdue
    from rated.credit_tiers
    where as_of = $as_of
    group by credit_tier
    order by credit_tier
)

select * from final
