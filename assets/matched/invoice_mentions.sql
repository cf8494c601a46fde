-- One row per invoice, goods receipt and number in the invoice's remark that stands for the receipt
-- (chain_id, invoice_no, receipt_no, number, rank) and day on which it began to (`placed` 1) or
-- ended (-1), so the sum up to a day says what the remark names on that day. A number is the
-- receipt's own (rank 1), or that of its delivery note (2) or its order (3).

with numbers as not materialized (
    select
        chain_id, invoice_no, number, arg_min_null(names_kind, known_on) as names_kind,
        min(known_on) as known_on, min(place) as place, min(file_id) as file_id, min(sheet) as sheet, min(row_no) as row_no
    from matched.remark_numbers
    where known_on <= getvariable('day_until')
    group by chain_id, invoice_no, number
),

wanted as (
    select distinct chain_id, number from numbers
),

receipts as (
    select chain_id, receipt_no, min(known_on) as known_on
    from staged.goods_receipts
    semi join (select chain_id, number as receipt_no from wanted) as named
        using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

-- receipts of which a version names a delivery note that is asked for
delivered as (
    select
        chain_id, receipt_no, delivery_no, known_on,
        lead(known_on) over (partition by chain_id, receipt_no order by known_on) as known_until
    from matched.resolved_receipts
    semi join (
        select chain_id, receipt_no
        from matched.resolved_receipts
        semi join (select chain_id, number as delivery_no from wanted) as named
            using (chain_id, delivery_no)
        where known_on <= getvariable('day_until')
    ) as naming using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

standing as (
    select 'goods_receipt' as kind, 1 as rank, chain_id, receipt_no as number, receipt_no, known_on,
        1 as placed
    from receipts
    union all
    select 'delivery', 2, chain_id, delivery_no, receipt_no, known_on, 1
    from delivered
    where delivery_no is not null
    union all
    select 'delivery', 2, chain_id, delivery_no, receipt_no, known_until, -1
    from delivered
    where delivery_no is not null and known_until is not null
    union all
    select 'order', 3, chain_id, order_no, receipt_no, known_on, placed
    from matched.receipt_orders
    semi join (select chain_id, number as order_no from wanted) as named using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

final as (
    select
        greatest(standing.known_on, numbers.known_on) as known_on,
        standing.chain_id, numbers.invoice_no, standing.receipt_no, standing.number,
        cast(standing.rank as tinyint) as rank, cast(sum(standing.placed) as tinyint) as placed,
        min(numbers.place) as place,
        min(numbers.file_id) as file_id, min(numbers.sheet) as sheet, min(numbers.row_no) as row_no
    from standing
    inner join numbers
        on standing.chain_id = numbers.chain_id and standing.number = numbers.number
    where
        coalesce(numbers.names_kind, standing.kind) = standing.kind
        and greatest(standing.known_on, numbers.known_on) >= getvariable('day_from')
    group by
        greatest(standing.known_on, numbers.known_on), standing.chain_id, numbers.invoice_no,
        standing.receipt_no, standing.number, standing.rank
    having sum(standing.placed) <> 0
)

select * from final
