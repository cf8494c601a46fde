-- One row per debtor, chain and age of the papers in years on the day: what is owed, and what to
-- provide for bad debts of it.

with provision as (
    select * from aged.provision where as_of = $as_of
)

select debtor_id, chain_id, band, band_no, percent, amount, provision
from provision
order by debtor_id, chain_id, band_no
