-- One row per unit that is claimed once (unit_kind, chain_id, unit_no), by a claim that holds for good
-- and that it meets in full from its day on. Deductions and adjustments have no balance to keep to.
-- Takes `own_claims` and `balances`.

with single_rows as (
    select unit_kind, chain_id, unit_no
    from (
        select unit_kind, chain_id, unit_no, 1 as claims, 0 as balances from own_claims
        union all
        select unit_kind, chain_id, unit_no, 0, 1 from balances
    )
    group by unit_kind, chain_id, unit_no
    having
        sum(claims) = 1
        and sum(balances) = case when unit_kind in ('deduction', 'adjustment') then 0 else 1 end
),

final as (
    select own_claims.*
    from own_claims
    semi join single_rows using (unit_kind, chain_id, unit_no)
    left join balances using (unit_kind, chain_id, unit_no)
    where
        own_claims.released_on is null
        and (
            own_claims.unit_kind in ('deduction', 'adjustment')
            or own_claims.known_on >= balances.known_on
            and sign(own_claims.amount) = sign(balances.amount)
            and abs(own_claims.amount) <= abs(balances.amount)
        )
)

select * from final
