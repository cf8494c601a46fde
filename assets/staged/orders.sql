-- One row per order (chain_id, order_no) and day on which a version of it became known.
-- A list and a detail of it add up: what a file leaves out stays as an earlier one said, and lines
-- stand until other lines or another amount come; they are those received on `lines_known_on`.
-- The amount is the sum of its lines, tax included.

with standing_rows as (
    select * from received.orders
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

codes as (
    select * from staged.steps.store_code_versions
),

papers as (
    select
        known_on, chain_id, order_no,
        bool_or(status = 'cancelled') as is_cancelled,
        min(store_code) as store_code,
        min(order_date) as order_date,
        min(deliver_by) as deliver_by,
        cast(sum(amount) as decimal(18, 2)) as amount,
        count(*) as line_count,
        known_on as lines_known_on,
        min(file_id) as file_id,
        min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from standing_rows
    group by known_on, chain_id, order_no
),

-- most papers come in one file only
several as (
    select distinct chain_id, order_no
    from received.orders
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
        and coalesce(is_shared, true)
),

-- what each file said of a paper; a list has one row for it and no article
stated as (
    select
        sent.known_on, sent.file_id, min(files.path) as path, sent.chain_id, sent.order_no,
        bool_or(status = 'cancelled') as is_cancelled,
        min(store_code) as store_code,
        min(order_date) as order_date,
        min(deliver_by) as deliver_by,
        sum(sent.amount) as amount,
        count(*) as line_count,
        count(*) = 1 and count(line_no) + count(sku) + count(quantity) = 0 as is_list
    from received.orders as sent
    semi join several using (chain_id, order_no)
    left join received.files as files
        on sent.file_id = files.file_id and sent.known_on = files.known_on
    where sent.known_on <= getvariable('day_until') and not sent.is_duplicate
    group by sent.known_on, sent.file_id, sent.chain_id, sent.order_no
),

-- a list with the amount known before leaves the lines as they were; with another they fall
told as (
    select
        *,
        is_list and amount is not distinct from lag(amount) over (
            partition by chain_id, order_no order by known_on, path, file_id
        ) as is_addition
    from stated
),

-- what a file leaves out stays as an earlier one said
added_up as (
    select
        known_on, chain_id, order_no,
        last_value(is_cancelled ignore nulls) over by_then as is_cancelled,
        last_value(store_code ignore nulls) over by_then as store_code,
        last_value(order_date ignore nulls) over by_then as order_date,
        last_value(deliver_by ignore nulls) over by_then as deliver_by,
        last_value(case when not is_addition then line_count end ignore nulls) over by_then
            as line_count,
        last_value(case when not is_addition then known_on end ignore nulls) over by_then
            as lines_known_on
    from told
    window by_then as (
        partition by chain_id, order_no order by known_on, path, file_id
        rows between unbounded preceding and current row
    )
    qualify row_number() over (
        partition by chain_id, order_no, known_on order by path desc nulls first, file_id desc
    ) = 1
),

versions as (
    select
        papers.* replace (
            coalesce(added_up.is_cancelled, papers.is_cancelled) as is_cancelled,
            coalesce(added_up.store_code, papers.store_code) as store_code,
            coalesce(added_up.order_date, papers.order_date) as order_date,
            coalesce(added_up.deliver_by, papers.deliver_by) as deliver_by,
            coalesce(added_up.line_count, papers.line_count) as line_count,
            coalesce(added_up.lines_known_on, papers.lines_known_on) as lines_known_on
        )
    from papers
    left join added_up using (known_on, chain_id, order_no)
),

final as (
    select
        versions.known_on,
        versions.chain_id, versions.order_no,
        versions.store_code,
        versions.order_date,
        versions.deliver_by,
        coalesce(versions.is_cancelled, false) as is_cancelled,
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
            and versions.order_date between codes.valid_from and codes.valid_to
)

select * from final
