-- One row per exception closed in the 31 days up to the day and not open on it, the latest first.
-- `document_no` is without the word that says what kind of paper it is.

with closed as (
    select *
    from matched.closed_exceptions
    where known_on between $as_of::date - 30 and $as_of
    qualify row_number() over (partition by exception_id order by known_on desc) = 1
),

exceptions as (
    select exception_id from matched.exceptions where as_of = $as_of
),

reasons as (
    select reason, reason_zh, reason_en from matched.exception_reasons
)

select
    'exception:' || closed.exception_id || '@' || $as_of::date as subject,
    closed.reason,
    reasons.reason_zh,
    reasons.reason_en,
    closed.chain_id,
    closed.order_no,
    regexp_replace(closed.document_no, '^[a-z]+ ', '') as document_no,
    closed.amount,
    closed.known_on,
    closed.days_open,
    closed.closed_because
from closed
anti join exceptions using (exception_id)
left join reasons using (reason)
order by closed.known_on desc, abs(closed.amount) desc, closed.exception_id
