-- One row per closed day and customer whose exposure is above its limit or near it (as_of,
-- customer_id). Above is high, near (policy's share of the limit) is medium. A head office with an
-- approval answers for its group.

with tiers as (
    select * from rated.credit_tiers
    where as_of between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        as_of, customer_id, chain_id,
        case when judged_exposure > credit_limit then 'high' else 'medium' end as severity,
        judged_exposure as exposure, credit_limit,
        case when limit_basis = 'own' and group_exposure is not null then 'group exposure '
            else 'exposure ' end
        || format('{:,.2f}', judged_exposure)
        || case
            when credit_limit > 0
                then ' is ' || format('{:.1f}', judged_exposure * 100 / credit_limit)
                || ' % of the limit of ' || format('{:,.2f}', credit_limit)
            when limit_basis = 'cash'
                then ' without a limit: no valid approval, the customer pays cash'
            else ' without a limit: tier ' || credit_tier || ' or no sales allow none'
        end as evidence
    from tiers
    where
        judged_exposure > 0
        and judged_exposure
        >= cast(credit_limit as decimal(38, 2)) * getvariable('policy').warnings.over_limit_share
)

select * from final
