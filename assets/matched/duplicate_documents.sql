-- One row per document and day on which a copy of it came: the same number, the same content. The
-- copy was set aside and changed nothing. `amount` is that of one copy. An invoice that comes as
-- export, XML and OFD, or goods that come as a list and as a detail, are no copies: only the same
-- form again is one.

with new_orders as (
    select
        known_on, file_id, 'order' as document_kind, chain_id, order_no as document_no, order_no,
        min(store_code) as store_code, min(order_date) as dated_on, sum(amount) as amount,
        min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from received.orders
    where known_on between getvariable('day_from') and getvariable('day_until') and is_duplicate
    group by known_on, file_id, chain_id, order_no
),

new_deliveries as (
    select
        known_on, file_id, 'delivery' as document_kind, chain_id, delivery_no as document_no,
        min(order_no) as order_no, min(store_code) as store_code, min(delivery_date) as dated_on,
        sum(amount) as amount,
        min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from received.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until') and is_duplicate
    group by known_on, file_id, chain_id, delivery_no
),

new_receipts as (
    select
        known_on, file_id, 'receipt' as document_kind, chain_id, receipt_no as document_no,
        min(order_no) as order_no, min(store_code) as store_code, min(receipt_date) as dated_on,
        sum(amount) as amount,
        min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from received.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until') and is_duplicate
    group by known_on, file_id, chain_id, receipt_no
),

new_applications as (
    select
        known_on, file_id, 'application' as document_kind, min(chain_id) as chain_id,
        application_no as document_no,
        case when count(distinct order_no) = 1 then min(order_no) end as order_no,
        min(store_code) as store_code, min(applied_on) as dated_on, sum(amount) as amount,
        min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from received.invoice_applications
    where known_on between getvariable('day_from') and getvariable('day_until') and is_duplicate
    group by known_on, file_id, application_no
),

new_statements as (
    select
        known_on, file_id, 'statement' as document_kind, chain_id, statement_no as document_no,
        cast(null as varchar) as order_no, min(party_code) as store_code,
        min(period_end) as dated_on, sum(amount) as amount,
        min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from received.statements
    where known_on between getvariable('day_from') and getvariable('day_until') and is_duplicate
    group by known_on, file_id, chain_id, statement_no
),

new_advices as (
    select
        known_on, file_id, 'advice' as document_kind, chain_id,
        advice_no as document_no, cast(null as varchar) as order_no,
        min(store_code) as store_code, min(paid_on) as dated_on, sum(amount) as amount,
        min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from received.remittance_advices
    where known_on between getvariable('day_from') and getvariable('day_until') and is_duplicate
    group by known_on, file_id, chain_id, advice_no
),

sent_again as (
    select * from new_orders
    union all
    select * from new_deliveries
    union all
    select * from new_receipts
    union all
    select * from new_applications
    union all
    select * from new_statements
    union all
    select * from new_advices
),

goods_copies as (
    select
        papers.known_on, papers.file_id, papers.document_kind, papers.chain_id, papers.document_no,
        coalesce(files.layout, '') as layout
    from sent_again as papers
    left join received.files as files using (file_id)
    where papers.document_kind in ('order', 'delivery', 'receipt')
),

goods_originals as (
    select
        'order' as document_kind, sent.known_on, sent.chain_id, sent.order_no as document_no,
        coalesce(files.layout, '') as layout
    from received.orders as sent
    semi join goods_copies
        on
            goods_copies.document_kind = 'order'
            and sent.chain_id = goods_copies.chain_id
            and sent.order_no = goods_copies.document_no
    left join received.files as files using (file_id)
    where sent.known_on <= getvariable('day_until') and not sent.is_duplicate
    union all
    select
        'delivery' as document_kind, sent.known_on, sent.chain_id, sent.delivery_no as document_no,
        coalesce(files.layout, '') as layout
    from received.deliveries as sent
    semi join goods_copies
        on
            goods_copies.document_kind = 'delivery'
            and sent.chain_id = goods_copies.chain_id
            and sent.delivery_no = goods_copies.document_no
    left join received.files as files using (file_id)
    where sent.known_on <= getvariable('day_until') and not sent.is_duplicate
    union all
    select
        'receipt' as document_kind, sent.known_on, sent.chain_id, sent.receipt_no as document_no,
        coalesce(files.layout, '') as layout
    from received.goods_receipts as sent
    semi join goods_copies
        on
            goods_copies.document_kind = 'receipt'
            and sent.chain_id = goods_copies.chain_id
            and sent.receipt_no = goods_copies.document_no
    left join received.files as files using (file_id)
    where sent.known_on <= getvariable('day_until') and not sent.is_duplicate
),

-- a list beside the detail of a paper
other_forms as (
    select copies.file_id, copies.document_kind, copies.chain_id, copies.document_no
    from goods_copies as copies
    inner join goods_originals as originals using (document_kind, chain_id, document_no)
    where originals.known_on <= copies.known_on
    group by copies.file_id, copies.document_kind, copies.chain_id, copies.document_no
    having not bool_or(copies.layout = originals.layout)
),

chain_papers as (
    select sent_again.*
    from sent_again
    anti join other_forms using (file_id, document_kind, chain_id, document_no)
),

codes as (
    select * from staged.steps.store_code_versions
),

of_chains as (
    select
        papers.* exclude (store_code),
        coalesce(codes.store_id, 'unknown:' || papers.chain_id || coalesce('/' || papers.store_code, ''))
            as store_id
    from chain_papers as papers
    left join codes
        on
            papers.chain_id = codes.chain_id
            and papers.store_code = codes.store_code
            and papers.known_on >= codes.known_from
            and papers.known_on < codes.known_until
            and coalesce(papers.dated_on, papers.known_on)
            between codes.valid_from and codes.valid_to
),

invoice_copies as (
    select papers.*, files.layout
    from received.invoices as papers
    left join received.files as files using (file_id)
    where
        papers.known_on between getvariable('day_from') and getvariable('day_until')
        and papers.is_duplicate
),

invoice_forms as (
    select papers.invoice_no, files.layout, min(papers.known_on) as known_on
    from received.invoices as papers
    semi join invoice_copies using (invoice_no)
    left join received.files as files using (file_id)
    where papers.known_on <= getvariable('day_until') and not papers.is_duplicate
    group by papers.invoice_no, files.layout
),

-- the version that the copy repeats says whose paper it is
of_invoices as (
    select
        copies.known_on, copies.file_id, 'invoice' as document_kind,
        coalesce(max(invoices.chain_id), 'unknown') as chain_id,
        copies.invoice_no as document_no, cast(null as varchar) as order_no,
        copies.issued_on as dated_on, copies.amount,
        coalesce(max(invoices.buyer_id), 'unknown:' || min(copies.buyer_name)) as store_id,
        copies.sheet, copies.row_no
    from invoice_copies as copies
    semi join invoice_forms as forms
        on
            copies.invoice_no = forms.invoice_no
            and copies.layout is not distinct from forms.layout
            and copies.known_on >= forms.known_on
    left join staged.invoices
        on copies.invoice_no = invoices.invoice_no and copies.known_on >= invoices.known_on
    group by all
),

of_bank_receipts as (
    select
        copies.known_on, copies.file_id, 'payment' as document_kind,
        coalesce(max(receipts.chain_id), 'unknown') as chain_id,
        copies.account_no || '/' || copies.transaction_no as document_no,
        cast(null as varchar) as order_no, copies.received_on as dated_on, copies.amount,
        coalesce(max(receipts.payer_id), 'unknown:' || min(copies.payer_name)) as store_id,
        copies.sheet, copies.row_no
    from received.bank_receipts as copies
    left join staged.bank_receipts as receipts
        on
            copies.account_no = receipts.account_no
            and copies.transaction_no = receipts.transaction_no
            and copies.known_on >= receipts.known_on
    where
        copies.known_on between getvariable('day_from') and getvariable('day_until')
        and copies.is_duplicate
    group by all
),

copies as (
    select * from of_chains
    union all by name
    select * from of_invoices
    union all by name
    select * from of_bank_receipts
),

final as (
    select
        copies.known_on, copies.document_kind, copies.chain_id, copies.document_no,
        min(copies.order_no) as order_no, min(copies.store_id) as store_id,
        min(copies.dated_on) as dated_on,
        cast(max(copies.amount) as decimal(18, 2)) as amount,
        count(*) as copies, min(copies.file_id) as file_id,
        min(copies.sheet) as sheet, min(copies.row_no) as row_no
    from copies
    group by copies.known_on, copies.document_kind, copies.chain_id, copies.document_no
)

select * from final
