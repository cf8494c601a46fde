-- One row per closed day and open item of a debtor (as_of, item_id, debtor_id, store_id).
-- The balance is the sum of the item's ledger entries known and effective by the day; items in
-- balance are left out. The due date is the one that the latest entry carries.

-- an entry counts from the day on which it has both happened and become known
with counted as not materialized (
    select *, greatest(known_on, effective_on, getvariable('day_from')) as day
    from settled.ledger
    where
        known_on <= getvariable('day_until')
        and greatest(known_on, effective_on) <= getvariable('day_until')
),

-- nearly all items of a long history are in balance; those that were so all along are left out first
moving as (
    select item_id, debtor_id, store_id
    from counted
    group by item_id, debtor_id, store_id
    having sum(amount) <> 0 or max(day) > getvariable('day_from')
),

entries as (
    select
        item_id, debtor_id, store_id, chain_id, item_kind, document_no, document_on, receipt_no,
        invoice_no, order_no, day, amount,
        case
            when entry_kind in ('charge', 'correction', 'reversal', 'moved', 'taken')
                or item_kind = 'adjustment'
                then amount
            else 0
        end as original_amount,
        case
            when entry_kind not in ('cash', 'supported') or item_kind = 'adjustment'
                then {'known_on': known_on, 'due_on': due_on}
        end as due
    from counted
    semi join moving using (item_id, debtor_id, store_id)
),

steps as (
    select
        item_id, debtor_id, store_id, day,
        min(chain_id) as chain_id, min(item_kind) as item_kind, min(document_no) as document_no,
        max(document_on) as document_on, min(receipt_no) as receipt_no,
        min(invoice_no) as invoice_no, min(order_no) as order_no,
        sum(amount) as change, sum(original_amount) as original_change,
        max_by(due, due.known_on) as due
    from entries
    group by item_id, debtor_id, store_id, day
),

balances as (
    select
        item_id, debtor_id, store_id, chain_id, item_kind, document_no, document_on, receipt_no,
        invoice_no, order_no, day,
        sum(change) over item as balance,
        sum(original_change) over item as original_amount,
        last_value(due ignore nulls) over item as due,
        lead(day, 1, cast(getvariable('day_until') + interval 1 day as date)) over (
            partition by item_id, debtor_id, store_id order by day
        ) as until_day
    from steps
    window item as (
        partition by item_id, debtor_id, store_id
        order by day
        rows between unbounded preceding and current row
    )
),

final as (
    select
        cast(
            unnest(generate_series(day, until_day - interval 1 day, interval 1 day)) as date
        ) as as_of,
        item_id, item_kind, chain_id, debtor_id, store_id, document_no, document_on,
        due.due_on as due_on,
        cast(original_amount as decimal(18, 2)) as original_amount,
        cast(balance as decimal(18, 2)) as balance,
        item_kind <> 'uninvoiced' as is_invoiced,
        receipt_no, invoice_no, order_no
    from balances
    where balance <> 0
)

select * from final
