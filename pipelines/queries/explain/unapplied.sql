-- One row: what of the asked bank receipt is still unapplied, on the newest closed day.

with final as (
    select as_of, debtor_id, amount, candidates, question
    from settled.unapplied_cash
    where transaction_no = $no and as_of = $as_of
    order by debtor_id, amount
)

select * from final
