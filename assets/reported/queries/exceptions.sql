-- One row per open exception of the day, the largest amounts first. `document_no` is without the
-- word that says what kind of paper it is: the evidence says so too, in the reader's language.

with exceptions as (
    select * from matched.exceptions where as_of = $as_of
),

versions as (
    select customer_id, customer_name, known_on from staged.customers where known_on <= $as_of
),

customers as (
    select *
    from versions
    qualify row_number() over (partition by customer_id order by known_on desc) = 1
)

select
    exceptions.exception_id,
    'exception:' || exceptions.exception_id || '@' || exceptions.as_of as subject,
    exceptions.chain_id,
    exceptions.debtor_id,
    coalesce(stores.customer_name, exceptions.store_id) as store_name,
    coalesce(debtors.customer_name, exceptions.debtor_id) as debtor_name,
    exceptions.order_no,
    regexp_replace(exceptions.document_no, '^[a-z]+ ', '') as document_no,
    exceptions.reason,
    exceptions.reason_zh,
    exceptions.reason_en,
    exceptions.amount,
    exceptions.opened_on,
    exceptions.days_open,
    exceptions.owner,
    exceptions.next_action,
    exceptions.evidence,
    exceptions.decision as decided,
    exceptions.decided_by || ' ' || exceptions.decided_on as decided_before,
    exceptions.reopened_because
from exceptions
left join customers as stores on stores.customer_id = exceptions.store_id
left join customers as debtors on debtors.customer_id = exceptions.debtor_id
order by abs(exceptions.amount) desc, exceptions.exception_id
