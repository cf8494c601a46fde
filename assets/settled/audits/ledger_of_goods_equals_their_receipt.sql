-- However often goods are invoiced, reversed or moved, what the ledger charges for a receipt is the
-- receipt's amount (of goods on consignment what is reported as sold of it), for the receipts touched
-- in the window.

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

accepted as (
    select receipts.chain_id, receipts.receipt_no, max_by(receipts.amount, receipts.known_on) as amount
    from staged.goods_receipts as receipts
    semi join touched using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.receipt_no
),

consigned as (
    select owed.chain_id, owed.receipt_no, max_by(owed.amount, owed.known_on) as amount
    from settled.receivables as owed
    semi join touched using (chain_id, receipt_no)
    where owed.known_on <= getvariable('day_until')
    group by owed.chain_id, owed.receipt_no
    having max_by(coalesce(owed.term_kind, ''), owed.known_on) = 'consignment'
),

receipts as (
    select accepted.chain_id, accepted.receipt_no, coalesce(consigned.amount, accepted.amount) as amount
    from accepted
    left join consigned using (chain_id, receipt_no)
),

offences as (
    select
        chain_id, receipt_no, charged.amount as charged_amount, receipts.amount as receipt_amount
    from charged
    full join receipts using (chain_id, receipt_no)
    where charged.amount is distinct from receipts.amount
)

select * from offences
