-- One row per goods receipt or return (chain_id, receipt_no) and day a version became known.
-- The amount is the sum of its lines, tax included; returns are negative.

with standing_rows as (
    select * from received.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

codes as (
    select
        chain_id, store_code, store_id, valid_from, valid_to,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, store_code, valid_from order by known_on
        ) as known_until
    from staged.store_codes
),

papers as (
    select
        known_on, chain_id, receipt_no,
        bool_or(receipt_kind = 'return') as is_return,
        min(store_code) as store_code,
        min(order_no) as order_no,
        min(delivery_no) as delivery_no,
        min(receipt_date) as receipt_date,
        cast(sum(amount) as decimal(18, 2)) as amount,
        count(*) as line_count,
        min(file_id) as file_id,
        min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from standing_rows
    group by known_on, chain_id, receipt_no
),

final as (
    select
        papers.known_on,
        papers.chain_id, papers.receipt_no,
        papers.is_return,
        papers.store_code,
        papers.order_no,
        papers.delivery_no,
        papers.receipt_date,
        coalesce(
            codes.store_id, 'unknown:' || papers.chain_id || '/' || papers.store_code
        ) as store_id,
        papers.amount,
        papers.line_count,
        papers.file_id,
        papers.sheet,
        papers.row_no
    from papers
    left join codes
        on
            papers.chain_id = codes.chain_id
            and papers.store_code = codes.store_code
            and papers.known_on >= codes.known_from
            and papers.known_on < codes.known_until
            and papers.receipt_date between codes.valid_from and codes.valid_to
)

select * from final
