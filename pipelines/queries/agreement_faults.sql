-- One row per fault of the settlement agreements that stood on the asked day.

with final as (
    select fault, agreement_id, other_id, sentence
    from staged.agreement_faults
    where as_of = $as_of
    order by agreement_id, fault, other_id
)

select * from final
