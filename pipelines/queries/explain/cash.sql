-- One row per open item that the asked bank receipt was applied to, with the evidence.

with final as (
    select
        known_on, part, receipt_no, invoice_no, debtor_id, store_id, amount, rule, evidence, item_id
    from settled.cash_applications
    where transaction_no = $no and chain_id is not distinct from $chain_id
    order by known_on, part, receipt_no, invoice_no, item_id
)

select * from final
