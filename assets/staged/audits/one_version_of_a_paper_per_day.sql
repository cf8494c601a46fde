-- A paper has at most one version a day.

with papers as (
    select 'order' as kind, known_on, chain_id || '/' || order_no as paper, count(*) as versions
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no
    having count(*) > 1
    union all
    select 'delivery', known_on, chain_id || '/' || delivery_no, count(*)
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, delivery_no
    having count(*) > 1
    union all
    select 'goods receipt', known_on, chain_id || '/' || receipt_no, count(*)
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, receipt_no
    having count(*) > 1
    union all
    select 'invoice', known_on, invoice_no, count(*)
    from staged.invoices
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, invoice_no
    having count(*) > 1
    union all
    select 'statement', known_on, chain_id || '/' || statement_no, count(*)
    from staged.statements
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, statement_no
    having count(*) > 1
    union all
    select 'bank receipt', known_on, account_no || '/' || transaction_no, count(*)
    from staged.bank_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, account_no, transaction_no
    having count(*) > 1
)

select * from papers
