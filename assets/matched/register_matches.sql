-- One row per unmet reference and paper that other numbers single out for it (chain_id, paper_kind,
-- paper_no, names_kind, named_no, candidate_no), on the day on which all were known: of an
-- application row without a known receipt number the receipts of the order or delivery note that it
-- names, over the same amount, or to which both lead, unless another row names them; of a receipt
-- or delivery note the order that stands beside it in an application row or a receipt; of a receipt
-- the delivery notes of the order that it names, unless another receipt names them.

with named as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no,
        min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(document_on, known_on) as document_on, min_by(amount, known_on) as amount,
        min_by(other_order_no, known_on) as other_order_no,
        min_by(other_delivery_no, known_on) as other_delivery_no
    from matched.unmet_references
    where known_on <= getvariable('day_until') and paper_kind <> 'statement'
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

rows_without_receipt as (
    select * from named where paper_kind = 'application'
),

by_order as (
    select named.*, receipts.receipt_no as candidate_no, receipts.known_on as candidate_known_on,
        receipts.store_id as candidate_store_id, receipts.receipt_date as candidate_on,
        receipts.amount as candidate_amount
    from staged.goods_receipts as receipts
    inner join rows_without_receipt as named
        on receipts.chain_id = named.chain_id and receipts.order_no = named.other_order_no
    where receipts.known_on <= getvariable('day_until')
),

by_delivery as (
    select named.*, receipts.receipt_no as candidate_no, receipts.known_on as candidate_known_on,
        receipts.store_id as candidate_store_id, receipts.receipt_date as candidate_on,
        receipts.amount as candidate_amount
    from staged.goods_receipts as receipts
    inner join rows_without_receipt as named
        on receipts.chain_id = named.chain_id and receipts.delivery_no = named.other_delivery_no
    where receipts.known_on <= getvariable('day_until')
),

-- over the same amount; or a part of a receipt to which both numbers lead
to_receipts as (
    select *, 0 as distance from by_order where amount = candidate_amount
    union
    select *, 0 from by_delivery where amount = candidate_amount
    union
    select by_order.*, 1
    from by_order
    semi join by_delivery using (chain_id, paper_no, named_no, candidate_no)
    where by_order.amount < by_order.candidate_amount
),

naming_rows as (
    select rows.chain_id, rows.receipt_no, min(rows.known_on) as known_on
    from staged.invoice_applications as rows
    semi join (select chain_id, candidate_no as receipt_no from to_receipts) as wanted
        using (chain_id, receipt_no)
    where rows.known_on <= getvariable('day_until')
    group by rows.chain_id, rows.receipt_no
),

free_receipts as (
    select
        to_receipts.* exclude (known_on, candidate_known_on),
        greatest(to_receipts.known_on, to_receipts.candidate_known_on) as known_on
    from to_receipts
    left join naming_rows
        on
            to_receipts.chain_id = naming_rows.chain_id
            and to_receipts.candidate_no = naming_rows.receipt_no
    where
        naming_rows.known_on is null
        or naming_rows.known_on
        > greatest(to_receipts.known_on, to_receipts.candidate_known_on)
),

papers_without_order as (
    select * from named where names_kind = 'order'
),

in_one_row as (
    select papers.*, rows.order_no, rows.known_on as row_known_on
    from staged.invoice_applications as rows
    inner join papers_without_order as papers
        on rows.chain_id = papers.chain_id and rows.receipt_no = papers.paper_no
    where papers.paper_kind = 'goods_receipt' and rows.known_on <= getvariable('day_until')
    union all
    select papers.*, rows.order_no, rows.known_on
    from staged.invoice_applications as rows
    inner join papers_without_order as papers
        on rows.chain_id = papers.chain_id and rows.delivery_no = papers.paper_no
    where papers.paper_kind = 'delivery' and rows.known_on <= getvariable('day_until')
    union all
    select papers.*, receipts.order_no, receipts.known_on
    from staged.goods_receipts as receipts
    inner join papers_without_order as papers
        on receipts.chain_id = papers.chain_id and receipts.delivery_no = papers.paper_no
    where papers.paper_kind = 'delivery' and receipts.known_on <= getvariable('day_until')
),

to_orders as (
    select
        named.* exclude (known_on, row_known_on, order_no), orders.order_no as candidate_no, orders.store_id as candidate_store_id,
        orders.order_date as candidate_on, orders.amount as candidate_amount,
        greatest(named.known_on, named.row_known_on, orders.known_on) as known_on
    from staged.orders
    inner join in_one_row as named
        on orders.chain_id = named.chain_id and orders.order_no = named.order_no
    where orders.known_on <= getvariable('day_until')
),

-- the delivery notes of the order that a receipt names by its very number
of_the_order as (
    select
        named.* exclude (known_on), deliveries.delivery_no as candidate_no,
        deliveries.store_id as candidate_store_id, deliveries.delivery_date as candidate_on,
        deliveries.amount as candidate_amount,
        greatest(named.known_on, deliveries.known_on) as known_on,
        case when deliveries.amount = named.amount then 0 else 1 end as distance
    from staged.deliveries
    inner join (select * from named where names_kind = 'delivery' and named_no <> '') as named
        on
            deliveries.chain_id = named.chain_id
            and deliveries.order_no = named.other_order_no
    where deliveries.known_on <= getvariable('day_until')
),

naming_receipts as (
    select receipts.chain_id, receipts.delivery_no, min(receipts.known_on) as known_on
    from staged.goods_receipts as receipts
    semi join (select chain_id, candidate_no as delivery_no from of_the_order) as wanted
        using (chain_id, delivery_no)
    where receipts.known_on <= getvariable('day_until') and not receipts.is_return
    group by receipts.chain_id, receipts.delivery_no
),

free_deliveries as (
    select of_the_order.*
    from of_the_order
    left join naming_receipts
        on
            of_the_order.chain_id = naming_receipts.chain_id
            and of_the_order.candidate_no = naming_receipts.delivery_no
    where naming_receipts.known_on is null or naming_receipts.known_on > of_the_order.known_on
),

firsts as (
    select *
    from (
        select * from free_receipts
        union all by name
        select *, 0 as distance from to_orders
        union all by name
        select * from free_deliveries
    )
    where candidate_no <> named_no
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
        order by known_on, distance, candidate_on, candidate_amount, candidate_store_id
    ) = 1
),

final as (
    select
        known_on, chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no,
        'application_register' as rule, store_id, document_on, amount,
        candidate_store_id, candidate_on, candidate_amount, distance
    from firsts
    where known_on >= getvariable('day_from')
)

select * from final
