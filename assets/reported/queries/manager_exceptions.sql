-- One row per open exception of the day with the manager of its debtor, the five largest of each
-- manager, the largest first. `document_no` is without the word that says what kind of paper it is.

with accounts as (
    select customer_id, lower(trim(manager_email)) as manager_email
    from rated.accounts
    where as_of = $as_of and trim(manager_email) <> ''
),

exceptions as (
    select * from matched.exceptions where as_of = $as_of
)

select
    accounts.manager_email, exceptions.reason, exceptions.reason_zh, exceptions.reason_en,
    exceptions.order_no,
    regexp_replace(exceptions.document_no, '^[a-z]+ ', '') as document_no,
    exceptions.amount, exceptions.owner, exceptions.next_action
from exceptions
inner join accounts on exceptions.debtor_id = accounts.customer_id
qualify row_number() over (
    partition by accounts.manager_email
    order by abs(exceptions.amount) desc, exceptions.exception_id
) <= 5
order by accounts.manager_email, abs(exceptions.amount) desc, exceptions.exception_id
