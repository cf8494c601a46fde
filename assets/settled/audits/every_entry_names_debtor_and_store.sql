-- Every ledger entry of the window has an id of its own, a debtor, a store and a document.

with entries as (
    select
        entry_id, item_id, entry_kind, debtor_id, store_id, document_no,
        count(*) over (partition by entry_id) as copies
    from settled.ledger
    where known_on between getvariable('day_from') and getvariable('day_until')
),

offences as (
    select * from entries
    where
        copies > 1 or entry_id is null or debtor_id is null or store_id is null
        or document_no is null
)

select * from offences
