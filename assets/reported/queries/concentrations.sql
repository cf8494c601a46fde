-- One row per debtor among those who owe most on the day, the largest first: its share of what all
-- debtors in debit owe, alone and together with those above it.

with concentrations as (
    select * from aged.concentrations where as_of = $as_of
)

select
    place,
    debtor_id,
    balance,
    cast(share_percent * 0.01 as decimal(9, 4)) as share,
    cast(share_percent_until * 0.01 as decimal(9, 4)) as share_until
from concentrations
order by place
