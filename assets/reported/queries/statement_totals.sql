-- One row per statement that became known, or came again, in the 62 days up to the day: what it gives
-- by its lines and what it prints, those that differ first.

with totals as (
    select * from settled.statement_totals where known_on <= $as_of
),

latest as (
    select *
    from totals
    -- a statement has at most one version a day
    qualify row_number() over (partition by chain_id, statement_no order by known_on desc) = 1
)

select
    chain_id,
    statement_no,
    known_on,
    goods_amount,
    adjustments,
    prepayments,
    invoice_deducted,
    cash_deducted,
    paid_separately,
    invoiceable,
    printed_invoiceable,
    invoiceable_difference,
    payable,
    printed_payable,
    payable_difference,
    if(payable < 0, 'asked_of_us', cause) as cause,
    coalesce(invoiceable_difference, 0) <> 0 or coalesce(payable_difference, 0) <> 0 as differs
from latest
where known_on > $as_of::date - 62
order by
    differs desc,
    abs(coalesce(payable_difference, invoiceable_difference, 0)) desc,
    known_on desc,
    chain_id,
    statement_no
