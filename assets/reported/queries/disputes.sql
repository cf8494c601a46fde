-- One row per deduction in dispute on the day, the largest amounts first.

with disputes as (
    select * from settled.disputes where as_of = $as_of
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
    'deduction:' || disputes.deduction_id || '@' || disputes.as_of as subject,
    disputes.chain_id,
    coalesce(customers.customer_name, disputes.debtor_id) as debtor_name,
    disputes.document_no,
    disputes.fee_name,
    disputes.amount as taken,
    disputes.open_amount as amount,
    disputes.taken_on,
    disputes.days_open,
    disputes.claim as claim_en,
    disputes.claim_zh,
    disputes.decision as decided,
    disputes.decided_by || ' ' || disputes.decided_on as decided_before
from disputes
left join customers on disputes.debtor_id = customers.customer_id
order by disputes.open_amount desc, disputes.deduction_id
