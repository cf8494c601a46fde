-- One row per goods receipt of the day of which something was accepted and neither invoiced nor
-- applied for: what is left to apply for, to whom it is billed, and the papers that it names.
-- Returns are negative.

with items as (
    -- what was open when we began names a paper, but no receipt of ours
    select * replace (coalesce(receipt_no, document_no) as receipt_no)
    from settled.open_items
    where as_of = $as_of and item_kind = 'uninvoiced'
),

versions as (
    select customer_id, customer_name, known_on from staged.customers where known_on <= $as_of
),

customers as (
    select *
    from versions
    qualify row_number() over (partition by customer_id order by known_on desc) = 1
),

receipt_versions as (
    select *
    from staged.goods_receipts
    semi join items using (chain_id, receipt_no)
    where known_on <= $as_of
),

receipts as (
    select *
    from receipt_versions
    qualify row_number() over (partition by chain_id, receipt_no order by known_on desc) = 1
),

delivery_versions as (
    select chain_id, delivery_no, delivery_date, known_on
    from staged.deliveries
    semi join receipts using (chain_id, delivery_no)
    where known_on <= $as_of
),

deliveries as (
    select *
    from delivery_versions
    qualify row_number() over (partition by chain_id, delivery_no order by known_on desc) = 1
),

-- a version of an application replaces all rows of the one before
applications as (
    select *
    from staged.invoice_applications
    where known_on <= $as_of
    qualify known_on = max(known_on) over (partition by application_no)
),

invoices as (
    select distinct invoice_no from staged.invoices where known_on <= $as_of
),

-- what a known invoice bills has left the receipt already, or came back with the invoice's end
applied as (
    select chain_id, receipt_no, sum(amount) as amount
    from applications
    anti join invoices using (invoice_no)
    where receipt_no is not null
    group by chain_id, receipt_no
),

owed as (
    select
        items.chain_id, items.debtor_id, items.store_id, items.receipt_no,
        min(items.order_no) as order_no, min(items.document_on) as receipt_date,
        sum(items.balance) as balance
    from items
    group by items.chain_id, items.debtor_id, items.store_id, items.receipt_no
),

left_over as (
    select
        owed.*,
        cast(
            case
                when owed.balance > 0
                    then greatest(owed.balance - greatest(coalesce(applied.amount, 0), 0), 0)
                else owed.balance
            end as decimal(18, 2)
        ) as amount
    from owed
    left join applied using (chain_id, receipt_no)
)

select
    left_over.chain_id,
    left_over.debtor_id,
    customers.customer_name as buyer_name,
    left_over.store_id,
    receipts.store_code,
    left_over.order_no,
    receipts.delivery_no,
    deliveries.delivery_date,
    left_over.receipt_no,
    left_over.receipt_date,
    left_over.amount,
    cast(left_over.balance as decimal(18, 2)) as balance
from left_over
left join customers on left_over.debtor_id = customers.customer_id
left join receipts
    on
        left_over.chain_id = receipts.chain_id
        and left_over.receipt_no = receipts.receipt_no
left join deliveries
    on
        receipts.chain_id = deliveries.chain_id
        and receipts.delivery_no = deliveries.delivery_no
order by
    left_over.chain_id, left_over.debtor_id, left_over.receipt_date, left_over.receipt_no,
    left_over.store_id
