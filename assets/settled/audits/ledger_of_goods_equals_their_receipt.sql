-- However often goods are invoiced, reversed or moved, what the ledger charges for a receipt is the
-- receipt's amount, for the receipts touched in the window.

with touched as (
    select distinct chain_id, receipt_no
    from settled.ledger
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and receipt_no is not null
),

charged as (
    select ledger.chain_id, ledger.receipt_no, sum(ledger.amount) as amount
    from settled.ledger
    semi join touched using (chain_id, receipt_no)
    where ledger.known_on <= getvariable('day_until') and ledger.entry_kind not in ('cash', 'write_off')
    group by ledger.chain_id, ledger.receipt_no
),

receipts as (
    select receipts.chain_id, receipts.receipt_no, max_by(receipts.amount, receipts.known_on) as amount
    from staged.goods_receipts as receipts
    semi join touched using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.receipt_no
),

offences as (
    select
        chain_id, receipt_no, charged.amount as charged_amount, receipts.amount as receipt_amount
    from charged
    full join receipts using (chain_id, receipt_no)
    where charged.amount is distinct from receipts.amount
)

select * from offences
