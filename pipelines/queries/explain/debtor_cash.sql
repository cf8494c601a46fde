-- One row per bank receipt of the asked debtor that is not wholly applied on the newest day.

with final as (
    select transaction_no, amount, question
    from settled.unapplied_cash
    where as_of = $as_of and debtor_id = $no
    order by amount desc, transaction_no
)

select * from final
