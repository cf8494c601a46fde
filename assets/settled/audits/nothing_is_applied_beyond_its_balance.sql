-- Cash applied to an item stays within what was charged on it, for the items that cash or charges
-- touched in the window. (Deductions and adjustments arise from the payment itself.)

with touched as (
    select distinct item_id
    from settled.ledger
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and item_kind in ('invoice', 'red_invoice', 'uninvoiced')
),

items as (
    select
        ledger.item_id, min(ledger.document_no) as document_no,
        coalesce(sum(ledger.amount) filter (ledger.entry_kind not in ('cash', 'write_off')), 0) as charged,
        coalesce(-sum(ledger.amount) filter (ledger.entry_kind = 'cash'), 0) as applied
    from settled.ledger
    semi join touched using (item_id)
    where ledger.known_on <= getvariable('day_until')
    group by ledger.item_id
    having count(*) filter (ledger.entry_kind = 'cash') > 0
),

offences as (
    select * from items
    where
        charged >= 0 and (applied > charged or applied < 0)
        or charged < 0 and (applied < charged or applied > 0)
)

select * from offences
