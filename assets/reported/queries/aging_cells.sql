-- One row per debtor, store, basis, bucket and whether invoiced: what is outstanding on the day.

with aging as (
    select * from aged.aging where as_of = $as_of
)

select
    debtor_id,
    store_id,
    chain_id,
    basis,
    bucket,
    is_invoiced,
    cast(sum(amount) as decimal(18, 2)) as amount
from aging
group by all
order by all
