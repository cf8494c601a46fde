-- One row per ledger entry of the asked paper or item, with the cell it came from.

with final as (
    select
        ledger.effective_on, ledger.known_on, ledger.item_kind, ledger.entry_kind, ledger.amount,
        ledger.debtor_id, ledger.store_id, ledger.document_no, ledger.due_on, ledger.evidence,
        ledger.item_id, files.path as file, ledger.sheet, ledger.row_no as row
    from settled.ledger as ledger
    left join received.files as files using (file_id)
    where
        ledger.chain_id is not distinct from $chain_id
        and $no = case $kind
            when 'order' then ledger.order_no
            when 'goods_receipt' then ledger.receipt_no
            when 'invoice' then ledger.invoice_no
            when 'red_invoice' then ledger.invoice_no
            when 'bank_receipt' then ledger.transaction_no
            when 'item' then ledger.item_id
        end
    -- in the order in which the books learned of them; ids settle the rest
    order by ledger.known_on, ledger.effective_on, ledger.item_id, ledger.entry_id
)

select * from final
