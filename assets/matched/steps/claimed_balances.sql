-- One row per unit that is claimed and has a balance (unit_kind, chain_id, unit_no) and day on which
-- the balance changed; it holds from then on.
-- Takes `limited`.

with final as (
    select 'goods_receipt' as unit_kind, chain_id, receipt_no as unit_no, known_on, amount
    from staged.goods_receipts
    semi join limited
        on
            goods_receipts.chain_id = limited.chain_id
            and goods_receipts.receipt_no = limited.unit_no
    where goods_receipts.known_on <= getvariable('day_until')
    union all
    select 'invoice', limited.chain_id, rests.invoice_no, rests.known_on, rests.amount
    from matched.invoice_rests as rests
    inner join (
        select distinct chain_id, unit_no from limited where unit_kind = 'invoice'
    ) as limited on rests.invoice_no = limited.unit_no
    where rests.known_on <= getvariable('day_until')
    union all
    select 'opening_item', items.chain_id, items.item_id, items.known_on, items.balance
    from staged.opening_items as items
    semi join limited
        on items.chain_id = limited.chain_id and items.item_id = limited.unit_no
    where items.known_on <= getvariable('day_until')
)

select * from final
