-- One row per number that a paper names (chain_id, paper_kind, paper_no, names_kind, named_no) and
-- day on which a version of the paper became known while no paper had this very number, or only one
-- of another store and with another amount; or the day on which other papers outvote it. Only these
-- references are open to other rules than the exact number; the first day of each counts. A paper
-- that names none has the empty number.

with order_names as (
    select
        known_on, chain_id, 'delivery' as paper_kind, delivery_no as paper_no,
        coalesce(order_no, '') as named_no, store_id, delivery_date as document_on, amount,
        cast(null as varchar) as other_order_no, cast(null as varchar) as other_delivery_no,
        false as is_return, file_id, sheet, row_no
    from staged.deliveries
    where
        known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select
        known_on, chain_id, 'goods_receipt', receipt_no, coalesce(order_no, ''), store_id,
        receipt_date, amount, null, delivery_no, is_return, file_id, sheet, row_no
    from staged.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (order_no is not null or delivery_no is null)
),

delivery_names as (
    select
        known_on, chain_id, 'goods_receipt' as paper_kind, receipt_no as paper_no,
        coalesce(delivery_no, '') as named_no, store_id, receipt_date as document_on, amount,
        order_no as other_order_no, cast(null as varchar) as other_delivery_no,
        is_return, file_id, sheet, row_no
    from staged.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (delivery_no is not null or order_no is null)
),

-- a row that names a receipt stands where the receipt stands
receipt_names as (
    select
        known_on, chain_id, 'application' as paper_kind,
        application_no || '#' || line_no as paper_no,
        coalesce(receipt_no, '') as named_no, store_id,
        coalesce(delivery_date, applied_on) as document_on,
        amount, order_no as other_order_no, delivery_no as other_delivery_no,
        false as is_return, file_id, sheet, row_no
    from staged.invoice_applications
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (receipt_no is not null or order_no is not null or delivery_no is not null)
    union all
    select
        known_on, chain_id, 'statement', statement_no || '#' || line_no, receipt_no, store_id,
        document_date, amount, order_no, null, line_kind = 'return', file_id, sheet, row_no
    from staged.statement_lines
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and receipt_no is not null
        and line_kind in ('receipt', 'return')
),

all_names as (
    select 'order' as names_kind, * from order_names
    union all
    select 'delivery', * from delivery_names
    union all
    select 'goods_receipt', * from receipt_names
),

-- whether the store speaks for itself only
names as (
    select
        all_names.*,
        all_names.store_id is not null
        and not starts_with(all_names.store_id, 'unknown:')
        and (shared.known_on is null or shared.known_on > all_names.known_on) as store_tells
    from all_names
    left join matched.shared_stores as shared
        on all_names.chain_id = shared.chain_id and all_names.store_id = shared.store_id
),

-- nearly all names have one number, and it is the right one: what is left is looked at twice
doubtful as (
    select names.*, numbers.no is not null as is_number_known
    from names
    left join matched.paper_numbers as numbers
        on
            names.names_kind = numbers.kind
            and names.chain_id = numbers.chain_id
            and names.named_no = numbers.no
            and names.known_on >= numbers.known_on
    where
        numbers.no is null
        or not coalesce(
            names.is_return
            or not names.store_tells
            or not numbers.store_tells
            or numbers.store_id = names.store_id
            or abs(names.amount - numbers.amount) * 100
            <= abs(numbers.amount) * getvariable('policy').matching.near_amount_percent
            or names.amount is null
            or numbers.amount is null,
            false
        )
),

-- a paper under the number that has its store or its amount is the one that is named; a return has
-- an amount of its own
met as (
    select distinct
        doubtful.chain_id, doubtful.paper_kind, doubtful.paper_no, doubtful.names_kind,
        doubtful.named_no, doubtful.known_on
    from doubtful
    inner join matched.paper_numbers as numbers
        on
            doubtful.names_kind = numbers.kind
            and doubtful.chain_id = numbers.chain_id
            and doubtful.named_no = numbers.no
            and doubtful.known_on >= numbers.known_on
    where
        doubtful.is_number_known
        and (
            not numbers.store_tells
            or numbers.store_id = doubtful.store_id
            or abs(doubtful.amount - numbers.amount) * 100
            <= abs(numbers.amount) * getvariable('policy').matching.near_amount_percent
            or doubtful.amount is null
            or numbers.amount is null
        )
),

unmet as (
    select distinct * exclude (is_number_known), false as is_outvoted
    from doubtful
    anti join met using (chain_id, paper_kind, paper_no, names_kind, named_no, known_on)
),

outvoted as (
    select
        outvoted_references.* exclude (is_withdrawn), false as is_return, true as store_tells, true as is_outvoted
    from matched.outvoted_references
    anti join unmet using (chain_id, paper_kind, paper_no, names_kind, named_no, known_on)
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and not is_withdrawn
),

final as (
    select *, number_key(named_no) as number_key
    from (
        select * from unmet
        union all by name
        select * from outvoted
    )
)

select * from final
