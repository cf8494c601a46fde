-- One row per item of a debtor (item_id, debtor_id, store_id) and day on which it changed while open,
-- and one for the day that brought it into balance. What the row says holds until the item's next
-- row. The balance is the sum of the ledger entries known and effective by the day; the due date is
-- the one that the latest entry carries.

-- an entry counts from the day on which it has both happened and become known
with counted as not materialized (
    select
        item_id, debtor_id, store_id, chain_id, item_kind, entry_kind, document_no, document_on,
        receipt_no, invoice_no, order_no, known_on, effective_on, due_on, amount,
        greatest(known_on, effective_on) as day
    from settled.ledger
    where known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
),

-- on a first load nothing was counted before, which the first day of the ledger tells
touched as (
    select item_id, debtor_id, store_id
    from (
        select * from counted where known_on >= getvariable('day_from')
        union all
        select *
        from counted
        where known_on < getvariable('day_from') and effective_on >= getvariable('day_from')
    )
    where (select min(known_on) from settled.ledger) < getvariable('day_from')
),

earlier_entries as materialized (
    select counted.*
    from counted
    semi join touched using (item_id, debtor_id, store_id)
    where known_on < getvariable('day_from')
),

own_entries as not materialized (
    select * from counted where known_on >= getvariable('day_from')
    union all
    select * from earlier_entries
),

-- nearly all items of a first load are in balance on the day that brings them
moving as (
    select item_id, debtor_id, store_id
    from own_entries
    group by item_id, debtor_id, store_id
    having sum(amount) <> 0 or max(day) > min(day)
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
            when
                entry_kind not in ('cash', 'supported', 'repaid', 'accepted', 'write_off')
                or item_kind = 'adjustment'
                then {'known_on': known_on, 'is_start': entry_kind = 'due', 'due_on': due_on}
        end as due
    from own_entries
    semi join moving using (item_id, debtor_id, store_id)
),

steps as (
    select
        item_id, debtor_id, store_id, day,
        min(chain_id) as chain_id, min(item_kind) as item_kind, min(document_no) as document_no,
        max(document_on) as document_on, min(receipt_no) as receipt_no,
        min(invoice_no) as invoice_no, min(order_no) as order_no,
        sum(amount) as change, sum(original_amount) as original_change,
        -- of one day the clock that starts counts, then the later date
        max_by(
            due,
            {
                'known_on': due.known_on, 'is_start': due.is_start,
                'due_on': coalesce(due.due_on, date '0001-01-01')
            }
        ) as due
    from entries
    group by item_id, debtor_id, store_id, day
),

balances as (
    select
        item_id, debtor_id, store_id, chain_id, item_kind, document_no, document_on, receipt_no,
        invoice_no, order_no, day,
        sum(change) over item as balance,
        sum(change) over item - change as balance_before,
        sum(original_change) over item as original_amount,
        last_value(due ignore nulls) over item as due
    from steps
    window item as (
        partition by item_id, debtor_id, store_id
        order by day
        rows between unbounded preceding and current row
    )
),

-- what stays in balance is no news
kept as (
    select
        *, lag(day) over (partition by item_id, debtor_id, store_id order by day) as previous_on
    from balances
    where balance <> 0 or balance_before <> 0
),

final as (
    select
        day as as_of, item_id, item_kind, chain_id, debtor_id, store_id, document_no, document_on,
        due.due_on as due_on,
        cast(original_amount as decimal(18, 2)) as original_amount,
        cast(balance as decimal(18, 2)) as balance,
        receipt_no, invoice_no, order_no, previous_on
    from kept
    where day >= getvariable('day_from')
)

select * from final
