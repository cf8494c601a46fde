-- One row per invoice, chain and debtor that has not been handed over on the day, the longest first:
-- its term does not run.

with exceptions as (
    select *
    from matched.exceptions
    where as_of = $as_of and reason = 'invoice_not_handed_over'
),

waiting as (
    select
        chain_id,
        debtor_id,
        document_no as invoice_no,
        cast(sum(amount) as decimal(18, 2)) as amount,
        count(distinct order_no) as orders,
        min(opened_on) as opened_on,
        max(days_open) as days_open,
        min(owner) as owner
    from exceptions
    group by chain_id, debtor_id, document_no
)

select *
from waiting
order by days_open desc, abs(amount) desc, invoice_no, chain_id, debtor_id
