-- One row per open item of the day, by chain, debtor and store, what is due first at the top.

with items as (
    select * from settled.open_items where as_of = $as_of
),

versions as (
    select customer_id, customer_name, manager, known_on
    from staged.customers
    where known_on <= $as_of
),

customers as (
    select *
    from versions
    qualify row_number() over (partition by customer_id order by known_on desc) = 1
),

listed as (
    select
        items.chain_id,
        items.debtor_id,
        coalesce(debtors.customer_name, items.debtor_id) as debtor_name,
        items.store_id,
        coalesce(stores.customer_name, items.store_id) as store_name,
        items.item_kind,
        items.document_no,
        items.order_no,
        items.document_on,
        items.due_on,
        greatest(date_diff('day', items.document_on, $as_of::date), 0) as age_days,
        greatest(date_diff('day', items.due_on, $as_of::date), 0) as overdue_days,
        items.original_amount,
        items.balance,
        if(items.is_invoiced, 'yes', 'no') as is_invoiced,
        coalesce(debtors.manager, stores.manager) as manager,
        items.item_id
    from items
    left join customers as debtors on debtors.customer_id = items.debtor_id
    left join customers as stores on stores.customer_id = items.store_id
)

select *
from listed
order by
    chain_id, debtor_id, store_id, due_on nulls last, document_on, document_no, item_id
