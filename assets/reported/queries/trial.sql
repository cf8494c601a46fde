-- One row per debtor and chain: what it owed before the month, what the month up to the day brought,
-- and what it owes on the day. Debtors that neither owe nor moved are left out.

with trial as (
    select * from settled.trial where as_of <= $as_of
),

summed as (
    select
        debtor_id,
        chain_id,
        coalesce(
            max_by(closing, as_of) filter (where as_of < date_trunc('month', $as_of::date)), 0
        ) as opening,
        coalesce(sum(opened) filter (where as_of >= date_trunc('month', $as_of::date)), 0)
            as opened,
        coalesce(sum(charged) filter (where as_of >= date_trunc('month', $as_of::date)), 0)
            as charged,
        coalesce(sum(credited) filter (where as_of >= date_trunc('month', $as_of::date)), 0)
            as credited,
        coalesce(sum(transferred) filter (where as_of >= date_trunc('month', $as_of::date)), 0)
            as transferred,
        coalesce(sum(cash) filter (where as_of >= date_trunc('month', $as_of::date)), 0) as cash,
        coalesce(sum(deductions) filter (where as_of >= date_trunc('month', $as_of::date)), 0)
            as deductions,
        coalesce(sum(write_offs) filter (where as_of >= date_trunc('month', $as_of::date)), 0)
            as write_offs,
        max_by(closing, as_of) as closing
    from trial
    group by debtor_id, chain_id
)

select
    debtor_id,
    chain_id,
    cast(opening as decimal(18, 2)) as opening,
    cast(opened as decimal(18, 2)) as opened,
    cast(charged as decimal(18, 2)) as charged,
    cast(credited as decimal(18, 2)) as credited,
    cast(transferred as decimal(18, 2)) as transferred,
    cast(cash as decimal(18, 2)) as cash,
    cast(deductions as decimal(18, 2)) as deductions,
    cast(write_offs as decimal(18, 2)) as write_offs,
    cast(closing as decimal(18, 2)) as closing
from summed
where
    opening <> 0 or closing <> 0 or opened <> 0 or charged <> 0 or credited <> 0
    or transferred <> 0 or cash <> 0 or deductions <> 0 or write_offs <> 0
order by closing desc, debtor_id, chain_id
