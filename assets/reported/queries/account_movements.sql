-- One row per debtor and cause: what changed its account from the first of the month to the day.

with bridge as (
    select *
    from aged.bridge
    where as_of between date_trunc('month', $as_of::date) and $as_of
)

select debtor_id, cause, cast(sum(amount) as decimal(18, 2)) as amount
from bridge
where cause not in ('opening', 'closing')
group by debtor_id, cause
having sum(amount) <> 0
order by debtor_id, cause
