-- One row: the day on which the first entry of the ledger became known.

with final as (
    select min(known_on) as first_on from settled.ledger
)

select * from final
