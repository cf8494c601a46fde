-- One row per order, delivery note or goods receipt of which several files speak (paper_kind,
-- chain_id, paper_no) and day on which one of them changed it: what they say together by then. A
-- list and a detail add up: what a file leaves out stays as an earlier one said, and lines stand
-- until other lines or another amount come; they are those received on `lines_known_on`.

with sent as not materialized (
    select
        known_on, file_id, is_standing, is_duplicate, is_shared,
        'order' as paper_kind, chain_id as numbered_by, order_no as paper_no,
        chain_id, store_code, order_date as dated_on, deliver_by, status,
        line_no, sku, quantity, amount
    from received.orders
    union all by name
    -- our own numbers, so a later file can correct the chain
    select
        known_on, file_id, is_standing, is_duplicate, is_shared,
        'delivery' as paper_kind, '' as numbered_by, delivery_no as paper_no,
        chain_id, store_code, delivery_date as dated_on, order_no,
        line_no, sku, quantity, amount
    from received.deliveries
    union all by name
    select
        known_on, file_id, is_standing, is_duplicate, is_shared,
        'receipt' as paper_kind, chain_id as numbered_by, receipt_no as paper_no,
        chain_id, store_code, receipt_date as dated_on, receipt_kind, order_no, delivery_no,
        line_no, sku, quantity, amount
    from received.goods_receipts
),

-- most papers come in one file only
several as (
    select distinct paper_kind, numbered_by, paper_no, known_on
    from sent
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
        and coalesce(is_shared, true)
),

-- what each file said of a paper; a list has one row for it and no article
stated as (
    select
        sent.known_on, sent.file_id, min(files.path) as path,
        sent.paper_kind, sent.numbered_by, sent.paper_no,
        min(sent.chain_id) as chain_id,
        min(sent.store_code) as store_code,
        min(sent.dated_on) as dated_on,
        min(sent.deliver_by) as deliver_by,
        bool_or(sent.status = 'cancelled') as is_cancelled,
        bool_or(sent.receipt_kind = 'return') as is_return,
        min(sent.order_no) as order_no,
        min(sent.delivery_no) as delivery_no,
        sum(sent.amount) as amount,
        count(*) as line_count,
        count(*) = 1 and count(sent.line_no) + count(sent.sku) + count(sent.quantity) = 0 as is_list
    from sent
    semi join several using (paper_kind, numbered_by, paper_no)
    left join received.files as files
        on sent.file_id = files.file_id and sent.known_on = files.known_on
    where sent.known_on <= getvariable('day_until') and not sent.is_duplicate
    group by sent.known_on, sent.file_id, sent.paper_kind, sent.numbered_by, sent.paper_no
),

-- a list with the amount known before leaves the lines as they were; with another they fall
told as (
    select
        *,
        is_list and amount is not distinct from lag(amount) over (
            partition by paper_kind, numbered_by, paper_no order by known_on, path, file_id
        ) as is_addition
    from stated
),

-- what a file leaves out stays as an earlier one said
added_up as (
    select
        known_on, paper_kind, numbered_by, paper_no,
        last_value(chain_id ignore nulls) over by_then as chain_id,
        last_value(store_code ignore nulls) over by_then as store_code,
        last_value(dated_on ignore nulls) over by_then as dated_on,
        last_value(deliver_by ignore nulls) over by_then as deliver_by,
        last_value(is_cancelled ignore nulls) over by_then as is_cancelled,
        last_value(is_return ignore nulls) over by_then as is_return,
        last_value(order_no ignore nulls) over by_then as order_no,
        last_value(delivery_no ignore nulls) over by_then as delivery_no,
        last_value(case when not is_addition then line_count end ignore nulls) over by_then
            as line_count,
        last_value(case when not is_addition then known_on end ignore nulls) over by_then
            as lines_known_on
    from told
    window by_then as (
        partition by paper_kind, numbered_by, paper_no order by known_on, path, file_id
        rows between unbounded preceding and current row
    )
    qualify row_number() over (
        partition by paper_kind, numbered_by, paper_no, known_on
        order by path desc nulls first, file_id desc
    ) = 1
),

-- until its second file came, a paper was what its one file said
final as (
    select * exclude (numbered_by)
    from added_up
    semi join several using (paper_kind, numbered_by, paper_no, known_on)
)

select * from final
