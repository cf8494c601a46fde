-- One row per debtor, store, cause and paper that became known after the day and is about it or
-- about days before it, and by how much it changes the day, CNY.

with final as (
    select
        debtor_id, store_id, cause, paper_kind, paper_no, effective_on, known_on,
        amount as difference, evidence
    from aged.changes
    where effective_on <= $day and known_on > $day
    order by debtor_id, cause, known_on, paper_kind, paper_no, store_id, effective_on
)

select * from final
