-- One row per agreement about a fee, as known last.

with final as (
    select
        agreement_id, chain_id, customer_id, fee_code, basis, rate_or_amount, kind, cap, cap_period,
        valid_from, valid_to
    from staged.deduction_agreements
    qualify row_number() over (partition by agreement_id order by known_on desc) = 1
)

select * from final
