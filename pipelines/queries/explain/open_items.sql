-- One row per open item of the asked paper or item, on the newest closed day.

with final as (
    select
        as_of, item_kind, debtor_id, store_id, document_no, document_on, due_on, original_amount,
        balance, item_id
    from settled.open_items
    where
        as_of = $as_of
        and chain_id is not distinct from $chain_id
        and $no = case $kind
            when 'order' then order_no
            when 'goods_receipt' then receipt_no
            when 'invoice' then invoice_no
            when 'red_invoice' then invoice_no
            when 'item' then item_id
        end
    order by document_on, item_id
)

select * from final
