-- One row per invoice and goods receipt that may be one of those that sum to it (chain_id, invoice_no,
-- receipt_no) and time from `known_on` until before `known_until` for which nobody could say so
-- surely; of several choices the first counts.

with sum_days as (
    select
        chain_id, invoice_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, invoice_no order by known_on
        ) as known_until
    from (
        select distinct chain_id, invoice_no, known_on
        from matched.invoice_sums
        where known_on <= getvariable('day_until')
    )
),

final as (
    select
        sums.known_on, sum_days.known_until, sums.chain_id, sums.invoice_no, sums.receipt_no,
        min(sums.answer_no) as answer_no, min(sums.amount) as amount, min(sums.score) as score,
        min(sums.evidence) as evidence, min(sums.file_id) as file_id, min(sums.sheet) as sheet,
        min(sums.row_no) as row_no
    from matched.invoice_sums as sums
    inner join sum_days using (chain_id, invoice_no, known_on)
    where
        sums.verdict in ('several', 'contested', 'undecided') and sums.receipt_no is not null
    group by
        sums.known_on, sum_days.known_until, sums.chain_id, sums.invoice_no, sums.receipt_no
)

select * from final
