-- One row per goods receipt or return (chain_id, receipt_no) and day a version became known.
-- A list and a detail of it add up: what a file leaves out stays as an earlier one said, and lines
-- stand until other lines or another amount come; they are those received on `lines_known_on`.
-- The amount is the sum of its lines, tax included; returns are negative.

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

-- most papers come in one file only
several as (
    select distinct chain_id, receipt_no
    from received.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
        and coalesce(is_shared, true)
),

-- what each file said of a paper; a list has one row for it and no article
stated as (
    select
        sent.known_on, sent.file_id, min(files.path) as path, sent.chain_id, sent.receipt_no,
        bool_or(receipt_kind = 'return') as is_return,
        min(store_code) as store_code,
        min(order_no) as order_no,
        min(delivery_no) as delivery_no,
        min(receipt_date) as receipt_date,
        sum(sent.amount) as amount,
        count(*) as line_count,
        count(*) = 1 and count(line_no) + count(sku) + count(quantity) = 0 as is_list
    from received.goods_receipts as sent
    semi join several using (chain_id, receipt_no)
    left join received.files as files
        on sent.file_id = files.file_id and sent.known_on = files.known_on
    where sent.known_on <= getvariable('day_until') and not sent.is_duplicate
    group by sent.known_on, sent.file_id, sent.chain_id, sent.receipt_no
),

-- a list with the amount known before leaves the lines as they were; with another they fall
told as (
    select
        *,
        is_list and amount is not distinct from lag(amount) over (
            partition by chain_id, receipt_no order by known_on, path, file_id
        ) as is_addition
    from stated
),

-- what a file leaves out stays as an earlier one said
added_up as (
    select
        known_on, chain_id, receipt_no,
        last_value(is_return ignore nulls) over by_then as is_return,
        last_value(store_code ignore nulls) over by_then as store_code,
        last_value(order_no ignore nulls) over by_then as order_no,
        last_value(delivery_no ignore nulls) over by_then as delivery_no,
        last_value(receipt_date ignore nulls) over by_then as receipt_date,
        last_value(case when not is_addition then line_count end ignore nulls) over by_then
            as line_count,
        last_value(case when not is_addition then known_on end ignore nulls) over by_then
            as lines_known_on
    from told
    window by_then as (
        partition by chain_id, receipt_no order by known_on, path, file_id
        rows between unbounded preceding and current row
    )
    qualify row_number() over (
        partition by chain_id, receipt_no, known_on order by path desc nulls first, file_id desc
    ) = 1
),

versions as (
    select
        papers.* replace (
            coalesce(added_up.is_return, papers.is_return) as is_return,
            coalesce(added_up.store_code, papers.store_code) as store_code,
            coalesce(added_up.order_no, papers.order_no) as order_no,
            coalesce(added_up.delivery_no, papers.delivery_no) as delivery_no,
            coalesce(added_up.receipt_date, papers.receipt_date) as receipt_date,
            coalesce(added_up.line_count, papers.line_count) as line_count,
            coalesce(added_up.lines_known_on, papers.lines_known_on) as lines_known_on
        )
    from papers
    left join added_up using (known_on, chain_id, receipt_no)
),

final as (
    select
        versions.known_on,
        versions.chain_id, versions.receipt_no,
        versions.is_return,
        versions.store_code,
        versions.order_no,
        versions.delivery_no,
        versions.receipt_date,
        coalesce(
            codes.store_id, 'unknown:' || versions.chain_id || '/' || versions.store_code
        ) as store_id,
        versions.amount,
        versions.line_count,
        versions.lines_known_on,
        versions.file_id,
        versions.sheet,
        versions.row_no
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
