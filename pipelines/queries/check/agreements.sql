-- One row per settlement agreement, as known last.

with final as (
    select agreement_id, chain_id, region, customer_id, category, debtor_id, valid_from, valid_to
    from staged.settlement_agreements
    qualify row_number() over (partition by agreement_id order by known_on desc) = 1
)

select * from final
