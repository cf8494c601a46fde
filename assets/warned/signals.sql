-- One row per closed day, kind of warning, customer and about whose condition holds (as_of, kind,
-- customer_id, about), with how grave it is and the figures that say so. `about` tells apart what
-- a customer can have several of; it is empty where a customer has one.

with over_limit as (
    select as_of, 'over_limit' as kind, customer_id, '' as about, severity, evidence
    from warned.over_limit_signals
),

sales_behind as (
    select as_of, 'sales_behind' as kind, customer_id, '' as about, severity, evidence
    from warned.sales_behind_signals
),

expense_over as (
    select as_of, 'expense_over' as kind, customer_id, '' as about, severity, evidence
    from warned.expense_over_signals
),

customer_lost as (
    select as_of, 'customer_lost' as kind, customer_id, '' as about, severity, evidence
    from warned.customer_lost_signals
),

major_incident as (
    select as_of, 'major_incident' as kind, customer_id, about, severity, evidence
    from warned.major_incident_signals
),

failing_chain as (
    select as_of, 'failing_chain' as kind, customer_id, '' as about, severity, evidence
    from warned.failing_chain_signals
),

legal_term as (
    select as_of, 'legal_term' as kind, customer_id, '' as about, severity, evidence
    from warned.legal_term_signals
),

limitation_clock as (
    select as_of, 'limitation_clock' as kind, customer_id, '' as about, severity, evidence
    from warned.limitation_clock_signals
),

final as (
    select *
    from (
        select * from over_limit
        union all
        select * from sales_behind
        union all
        select * from expense_over
        union all
        select * from customer_lost
        union all
        select * from major_incident
        union all
        select * from failing_chain
        union all
        select * from legal_term
        union all
        select * from limitation_clock
    )
    where as_of between getvariable('day_from') and getvariable('day_until')
)

select * from final
