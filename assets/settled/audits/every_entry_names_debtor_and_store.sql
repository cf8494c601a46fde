-- Every ledger entry of the window has an id of its own, a debtor, a store and a document.

with entries as not materialized (
    select entry_id, item_id, entry_kind, debtor_id, store_id, document_no
    from settled.ledger
    where known_on between getvariable('day_from') and getvariable('day_until')
),

repeated as (
    select entry_id from entries group by entry_id having count(*) > 1
),

offences as (
    select * from entries
    where
        entry_id in (select entry_id from repeated)
        or entry_id is null or debtor_id is null or store_id is null or document_no is null
)

select * from offences
