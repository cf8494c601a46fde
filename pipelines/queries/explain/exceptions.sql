-- One row per exception of the story's papers, open on the newest closed day or closed before, with
-- the cell that it comes from.

with wanted as (
    select unnest($kinds) as kind, unnest($numbers) as no
),

names as (
    select no from wanted
    union
    -- a doubt about a paper names its kind
    select case kind when 'goods_receipt' then 'receipt' else kind end || ' ' || no from wanted
),

listed as (
    select
        exception_id, order_no, document_no, reason_en as reason, reason_zh, amount, opened_on,
        cast(null as date) as closed_on, days_open, owner, next_action, evidence, decision,
        decided_by, reopened_because, cast(null as varchar) as closed_because,
        file_id, sheet, row_no
    from matched.exceptions
    where as_of = $as_of and chain_id is not distinct from $chain_id
    union all by name
    select
        closed.exception_id, closed.order_no, closed.document_no,
        reasons.reason_en as reason, reasons.reason_zh,
        closed.amount, closed.opened_on, closed.known_on as closed_on, closed.days_open,
        closed.owner, closed.evidence, closed.closed_because, closed.file_id, closed.sheet,
        closed.row_no
    from matched.closed_exceptions as closed
    inner join matched.exception_reasons as reasons on closed.reason = reasons.reason
    where closed.known_on <= $as_of and closed.chain_id is not distinct from $chain_id
),

final as (
    select
        listed.exception_id, listed.document_no, listed.reason, listed.reason_zh,
        listed.amount, listed.opened_on,
        listed.closed_on, listed.days_open, listed.owner, listed.next_action, listed.evidence,
        listed.decision, listed.decided_by, listed.reopened_because, listed.closed_because,
        files.path as file, listed.sheet, listed.row_no as row
    from listed
    left join received.files as files using (file_id)
    where
        listed.order_no in (select no from wanted where kind = 'order')
        or listed.document_no in (select no from names)
        -- what a statement says of other orders belongs to the story of the statement alone
        or $kind = 'statement' and regexp_extract(listed.document_no, '^[^#/]+') = $no
    -- open ones first, the oldest first; the identity settles the rest
    order by listed.closed_on is not null, listed.opened_on, listed.exception_id
)

select * from final
