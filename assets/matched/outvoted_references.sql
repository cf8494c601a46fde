-- One row per number that a paper names (chain_id, paper_kind, paper_no, names_kind, named_no) and
-- that other papers outvote, and the first day on which they do. Three numbers join a goods receipt,
-- its delivery note or row of an application, and the two orders that they name. Where two of them
-- join papers of one store and amount and the third does not, the third is wrong, though a paper
-- bears it.

with disagreements as (
    select *, number_key(paper_order_no) as paper_order_key
    from matched.disagreements
    where known_on <= getvariable('day_until')
),

orders as (
    select known_on, chain_id, no as order_no, number_key, store_id, amount
    from matched.paper_numbers
    where known_on <= getvariable('day_until') and kind = 'order'
),

with_order as (
    select
        disagreements.* exclude (known_on),
        greatest(disagreements.known_on, orders.known_on) as known_on,
        orders.store_id as order_store_id, orders.amount as order_amount
    from orders
    inner join disagreements
        on
            orders.chain_id = disagreements.chain_id and orders.order_no = disagreements.order_no
),

-- the other order may be misspelled
with_both as (
    select
        with_order.* exclude (known_on),
        greatest(with_order.known_on, orders.known_on) as known_on,
        orders.order_no = with_order.paper_order_no as is_exact,
        orders.store_id as paper_order_store_id, orders.amount as paper_order_amount
    from orders
    inner join with_order
        on
            orders.chain_id = with_order.chain_id
            and orders.number_key = with_order.paper_order_key
            and orders.order_no <> with_order.order_no
),

compared as (
    select
        *,
        store_id is not distinct from paper_store_id
        and abs(amount - paper_amount) * 100
        <= abs(paper_amount) * getvariable('policy').matching.near_amount_percent as fits_paper,
        store_id is not distinct from order_store_id
        and abs(amount - order_amount) * 100
        <= abs(order_amount) * getvariable('policy').matching.near_amount_percent as fits_order,
        paper_store_id is not distinct from paper_order_store_id
        and abs(paper_amount - paper_order_amount) * 100
        <= abs(paper_order_amount) * getvariable('policy').matching.near_amount_percent
            as paper_fits_order
    from with_both
),

found as (
    select
        known_on, chain_id, 'goods_receipt' as paper_kind, receipt_no as paper_no,
        'order' as names_kind, order_no as named_no, store_id, receipt_date as document_on, amount,
        cast(null as varchar) as other_order_no, delivery_no as other_delivery_no,
        file_id, sheet, row_no
    from compared
    where fits_paper and paper_fits_order and not fits_order
    union all
    select
        known_on, chain_id, 'goods_receipt', receipt_no, 'delivery', paper_no, store_id,
        receipt_date, amount, order_no, null, file_id, sheet, row_no
    from compared
    where paper_kind = 'delivery' and fits_order and paper_fits_order and not fits_paper
    union all
    select
        known_on, chain_id, 'application', paper_no, 'goods_receipt', receipt_no, paper_store_id,
        paper_on, paper_amount, paper_order_no, paper_delivery_no, paper_file_id, paper_sheet,
        paper_row_no
    from compared
    where paper_kind = 'application' and fits_order and paper_fits_order and not fits_paper
    union all
    select
        known_on, chain_id, 'delivery', paper_no, 'order', paper_order_no, paper_store_id,
        paper_on, paper_amount, null, null, paper_file_id, paper_sheet, paper_row_no
    from compared
    where
        paper_kind = 'delivery' and is_exact
        and fits_paper and fits_order and not paper_fits_order
),

firsts as (
    select *
    from found
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no
        order by
            known_on, document_on, amount, store_id, other_order_no, other_delivery_no, file_id,
            row_no
    ) = 1
),

final as (
    select * from firsts where known_on >= getvariable('day_from')
)

select * from final
