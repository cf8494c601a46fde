-- One row per unit (unit_kind, chain_id, unit_no) that was claimed or given up in the window, or was
-- claimed before and changed in it.
-- Takes `claims`.

with final as (
    select unit_kind, chain_id, unit_no
    from claims
    where known_on >= getvariable('day_from') or released_on >= getvariable('day_from')
    union
    select 'goods_receipt', chain_id, unit_no
    from claims
    semi join (
        select chain_id, receipt_no as unit_no
        from staged.goods_receipts
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and (select min(known_on) from claims) < getvariable('day_from')
    ) as receipts using (chain_id, unit_no)
    where unit_kind = 'goods_receipt' and known_on < getvariable('day_from')
    union
    select 'invoice', chain_id, unit_no
    from claims
    semi join (
        select invoice_no as unit_no
        from matched.invoice_rests
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as rests using (unit_no)
    where unit_kind = 'invoice' and known_on < getvariable('day_from')
    union
    select 'opening_item', chain_id, unit_no
    from claims
    semi join (
        select chain_id, item_id as unit_no
        from staged.opening_items
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as items using (chain_id, unit_no)
    where unit_kind = 'opening_item' and known_on < getvariable('day_from')
)

select * from final
