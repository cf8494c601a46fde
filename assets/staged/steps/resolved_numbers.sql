-- One row per number on a paper that is only the end of an invoice's number (paper_kind, chain_id,
-- paper_no, given_no): the invoice that it stands for, from `resolved_on` on.

with final as (
    select paper_kind, chain_id, paper_no, given_no, invoice_no, known_on as resolved_on
    from staged.number_resolutions
    where verdict = 'resolved' and known_on <= getvariable('day_until')
)

select * from final
