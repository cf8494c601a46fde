-- One row per open item of the asked debtor on the newest day, the twenty that are due longest first.

with final as (
    select
        item_kind, document_no, order_no, store_id, document_on, due_on, original_amount, balance,
        item_id
    from settled.open_items
    where as_of = $as_of and debtor_id = $no
    order by due_on nulls last, document_on, item_id
    limit 20
)

select * from final
