-- One row: who owes for the asked order, under which agreement, as known last.

with final as (
    select
        pattern, ship_to_id, order_account_id, debtor_id, agreement_id, is_inferred, evidence,
        conflict, known_on
    from settled.settlements
    where chain_id = $chain_id and order_no = $no
    order by known_on desc
    limit 1
)

select * from final
