-- One row per paper number that contains the asked text, or is contained in it; the nearest five.

with numbers as (
    select order_no as no from staged.orders
    union
    select delivery_no from staged.deliveries
    union
    select receipt_no from staged.goods_receipts
    union
    select invoice_no from staged.invoices
    union
    select statement_no from staged.statements
    union
    select application_no from staged.invoice_applications
    union
    select advice_no from staged.remittance_advices
    union
    select transaction_no from staged.bank_receipts
    union
    select customer_id from staged.customers
),

final as (
    select no
    from numbers
    where contains(lower(no), lower($no)) or jaro_winkler_similarity(lower(no), lower($no)) > 0.9
    -- the most alike first; among equals the smaller number, so that the answer is always the same
    order by jaro_winkler_similarity(lower(no), lower($no)) desc, no
    limit 5
)

select * from final
