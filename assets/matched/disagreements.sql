-- One row per goods receipt and paper joined to it by its number, a delivery note that it names or a
-- row of an application that names it, where the two name different orders (chain_id, receipt_no,
-- order_no, paper_kind, paper_no, paper_order_no), and day on which versions of both that say so
-- were known. One of the three numbers must be wrong.

with receipts as not materialized (
    select
        known_on, chain_id, receipt_no, order_no, delivery_no, store_id, receipt_date, amount,
        file_id, sheet, row_no
    from staged.goods_receipts
    where
        known_on <= getvariable('day_until')
        and order_no is not null and not is_return
),

deliveries as not materialized (
    select
        known_on, chain_id, 'delivery' as paper_kind, delivery_no as paper_no,
        order_no as paper_order_no, cast(null as varchar) as paper_delivery_no,
        store_id as paper_store_id, delivery_date as paper_on, amount as paper_amount,
        file_id as paper_file_id, sheet as paper_sheet, row_no as paper_row_no, delivery_no
    from staged.deliveries
    where known_on <= getvariable('day_until') and order_no is not null
),

rows as not materialized (
    select
        known_on, chain_id, 'application' as paper_kind,
        application_no || '#' || line_no as paper_no, order_no as paper_order_no,
        delivery_no as paper_delivery_no, store_id as paper_store_id,
        coalesce(delivery_date, applied_on) as paper_on, amount as paper_amount,
        file_id as paper_file_id, sheet as paper_sheet, row_no as paper_row_no, receipt_no
    from staged.invoice_applications
    where
        known_on <= getvariable('day_until')
        and order_no is not null and receipt_no is not null
),

-- new papers of the one kind meet all of the other, earlier ones only the new
pairs as (
    select
        receipts.*, papers.* exclude (known_on, chain_id, delivery_no),
        papers.known_on as paper_known_on
    from deliveries as papers
    inner join (select * from receipts where known_on >= getvariable('day_from')) as receipts
        on
            papers.chain_id = receipts.chain_id
            and papers.delivery_no = receipts.delivery_no
            and papers.paper_order_no <> receipts.order_no
    union all
    select
        receipts.*, papers.* exclude (known_on, chain_id, delivery_no), papers.known_on
    from (select * from receipts where known_on < getvariable('day_from')) as receipts
    inner join (select * from deliveries where known_on >= getvariable('day_from')) as papers
        on
            papers.chain_id = receipts.chain_id
            and papers.delivery_no = receipts.delivery_no
            and papers.paper_order_no <> receipts.order_no
    union all
    select
        receipts.*, papers.* exclude (known_on, chain_id, receipt_no), papers.known_on
    from rows as papers
    inner join (select * from receipts where known_on >= getvariable('day_from')) as receipts
        on
            papers.chain_id = receipts.chain_id
            and papers.receipt_no = receipts.receipt_no
            and papers.paper_order_no <> receipts.order_no
    union all
    select
        receipts.*, papers.* exclude (known_on, chain_id, receipt_no), papers.known_on
    from (select * from receipts where known_on < getvariable('day_from')) as receipts
    inner join (select * from rows where known_on >= getvariable('day_from')) as papers
        on
            papers.chain_id = receipts.chain_id
            and papers.receipt_no = receipts.receipt_no
            and papers.paper_order_no <> receipts.order_no
),

-- the latest versions of the two that say so
final as (
    select
        * exclude (paper_known_on)
        replace (greatest(known_on, paper_known_on) as known_on)
    from pairs
    qualify row_number() over (
        partition by
            chain_id, receipt_no, order_no, paper_kind, paper_no, paper_order_no,
            greatest(known_on, paper_known_on)
        order by known_on desc, paper_known_on desc
    ) = 1
)

select * from final
