-- One row per promise to pay of the year up to the day: broken ones first, then open, then kept.

with promises as (
    select * from settled.promises_kept where as_of = $as_of
)

select
    customer_id,
    promised_on,
    pay_by,
    amount,
    paid,
    greatest(amount - paid, 0) as missing,
    promise_state,
    note
from promises
order by
    list_position(['broken', 'open', 'kept'], promise_state), missing desc, pay_by, customer_id,
    promised_on
