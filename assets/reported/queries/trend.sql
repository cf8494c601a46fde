-- One row per closed day of the 31 days up to the day: what was outstanding and overdue.

with aging as (
    select *
    from aged.aging
    where as_of between $as_of::date - 30 and $as_of and basis = 'overdue'
)

select
    as_of,
    cast(sum(amount) as decimal(18, 2)) as outstanding,
    cast(coalesce(sum(amount) filter (where bucket <> 'not_due'), 0) as decimal(18, 2)) as overdue
from aging
group by as_of
order by as_of
