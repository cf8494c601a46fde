-- One row per exception that stood the day before and does not stand on the day, the largest first,
-- with why it was closed. `document_no` is without the word that says what kind of paper it is.

with exceptions as (
    select * from matched.exceptions where as_of = $as_of
),

exceptions_before as (
    select * from matched.exceptions where as_of = $as_of::date - 1
),

closed as (
    select exception_id, closed_because
    from matched.closed_exceptions
    where known_on = $as_of
),

solved as (
    select
        exceptions_before.reason_zh,
        exceptions_before.reason_en,
        exceptions_before.chain_id,
        regexp_replace(exceptions_before.document_no, '^[a-z]+ ', '') as document_no,
        exceptions_before.amount,
        closed.closed_because,
        exceptions_before.exception_id
    from exceptions_before
    anti join exceptions using (exception_id)
    left join closed using (exception_id)
)

select reason_zh, reason_en, chain_id, document_no, amount, closed_because
from solved
order by abs(amount) desc, exception_id
limit 6
