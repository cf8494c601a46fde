-- One row per goods receipt on consignment of which goods are still at the store on the day.

with versions as (
    select * from settled.consigned_stock where known_on <= $as_of
),

latest as (
    select *
    from versions
    qualify row_number() over (partition by chain_id, receipt_no order by known_on desc) = 1
)

select
    chain_id,
    debtor_id,
    store_id,
    receipt_no,
    receipt_date,
    date_diff('day', receipt_date, $as_of::date) as days,
    accepted,
    reported,
    at_store
from latest
where at_store <> 0
order by days desc, chain_id, store_id, receipt_no
