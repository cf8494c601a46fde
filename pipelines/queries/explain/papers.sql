-- One row per version of each asked paper (kind, no, known_on), with the cell it came from.

with wanted as (
    select unnest($kinds) as kind, unnest($numbers) as no
),

papers as (
    select
        'order' as kind, chain_id, order_no as no, order_date as dated_on, amount, known_on,
        store_id as party, if(is_cancelled, 'cancelled', null) as remark, file_id, sheet, row_no
    from staged.orders
    union all
    select
        'delivery', chain_id, delivery_no, delivery_date, amount, known_on, store_id,
        'for order ' || order_no, file_id, sheet, row_no
    from staged.deliveries
    union all
    select
        'goods_receipt', chain_id, receipt_no, receipt_date, amount, known_on, store_id,
        if(is_return, 'a return', null), file_id, sheet, row_no
    from staged.goods_receipts
    union all
    select
        if(is_red, 'red_invoice', 'invoice'), coalesce(chain_id, 'unknown'), invoice_no,
        issued_on, amount, known_on, buyer_name, status, file_id, sheet, row_no
    from staged.invoices
    union all
    select
        'invoice', $chain_id, invoice_no, coalesce(confirmed_on, handed_over_on), null, known_on,
        received_by, if(confirmed_on is null, 'handed over', 'confirmed'), file_id, sheet, row_no
    from staged.invoice_handovers
    union all
    select
        'statement', chain_id, statement_no, period_end, amount, known_on,
        coalesce(party_id, party_code), 'net payable', file_id, sheet, row_no
    from staged.statements
    union all
    select
        'advice', chain_id, advice_no, min(paid_on), sum(amount), known_on, null,
        null, min(file_id), min_by(sheet, row_no), min(row_no)
    from staged.remittance_advices
    group by chain_id, advice_no, known_on
    union all
    select
        'bank_receipt', coalesce(chain_id, 'unknown'), transaction_no, received_on, amount,
        known_on, payer_name, memo, file_id, sheet, row_no
    from staged.bank_receipts
),

final as (
    select
        papers.kind, papers.no, papers.dated_on, cast(papers.amount as decimal(18, 2)) as amount,
        papers.party, papers.remark, papers.known_on, files.path as file, papers.sheet,
        papers.row_no as row
    from papers
    inner join wanted using (kind, no)
    left join received.files as files using (file_id)
    where papers.chain_id in ($chain_id, 'unknown')
    order by papers.known_on, papers.dated_on, papers.kind, papers.no
)

select * from final
