-- One row per goods receipt or return (chain_id, receipt_no) and day a version became known.
-- What several files say of one adds up (staged.shared_papers); its lines are those received on
-- `lines_known_on`. The amount is the sum of its lines, tax included; returns are negative.

with standing_rows as (
    select * from received.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

codes as (
    select * from staged.steps.store_code_versions
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
        known_on as lines_known_on,
        min(file_id) as file_id,
        min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from standing_rows
    group by known_on, chain_id, receipt_no
),

shared as (
    select * from staged.shared_papers
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and paper_kind = 'receipt'
),

versions as (
    select
        papers.* replace (
            coalesce(shared.is_return, papers.is_return) as is_return,
            coalesce(shared.store_code, papers.store_code) as store_code,
            coalesce(shared.order_no, papers.order_no) as order_no,
            coalesce(shared.delivery_no, papers.delivery_no) as delivery_no,
            coalesce(shared.dated_on, papers.receipt_date) as receipt_date,
            coalesce(shared.line_count, papers.line_count) as line_count,
            coalesce(shared.lines_known_on, papers.lines_known_on) as lines_known_on
        )
    from papers
    left join shared
        on
            papers.known_on = shared.known_on
            and papers.chain_id = shared.chain_id
            and papers.receipt_no = shared.paper_no
),

final as (
    select
        versions.*,
        coalesce(
            codes.store_id, 'unknown:' || versions.chain_id || '/' || versions.store_code
        ) as store_id
    from versions
    left join codes
        on
            versions.chain_id = codes.chain_id
            and versions.store_code = codes.store_code
            and versions.known_on >= codes.known_from
            and versions.known_on < codes.known_until
            and versions.receipt_date between codes.valid_from and codes.valid_to
)

select * from final
