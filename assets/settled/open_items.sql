-- One row per closed day and open item of a debtor (as_of, item_id, debtor_id, store_id).
-- The balance is the sum of the item's ledger entries known and effective by the day; items in
-- balance are left out. The due date is the one that the latest entry carries.

with changes as not materialized (
    select * from settled.item_balances where as_of <= getvariable('day_until')
),

-- a row holds until the next one names its day
replaced as (
    select item_id, debtor_id, store_id, previous_on as as_of, as_of as until_day
    from changes
    where previous_on is not null
),

standing as (
    select
        changes.* exclude (as_of, previous_on),
        greatest(changes.as_of, getvariable('day_from')) as day,
        coalesce(replaced.until_day, getvariable('day_until') + 1) as until_day
    from changes
    left join replaced using (item_id, debtor_id, store_id, as_of)
    where
        changes.balance <> 0
        and (replaced.until_day is null or replaced.until_day > getvariable('day_from'))
),

final as (
    select
        cast(
            unnest(generate_series(day, until_day - interval 1 day, interval 1 day)) as date
        ) as as_of,
        item_id, item_kind, chain_id, debtor_id, store_id, document_no, document_on, due_on,
        original_amount, balance,
        item_kind <> 'uninvoiced' as is_invoiced,
        receipt_no, invoice_no, order_no
    from standing
)

select * from final
