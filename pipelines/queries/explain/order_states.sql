-- One row per day on which the asked order changed: amounts at each step and where it is stuck.

with final as (
    select
        known_on, ordered, delivered, received, returned, applied, invoiced, handed_over, stated,
        paid, stage, missing_document
    from matched.order_states
    where chain_id = $chain_id and order_no = $no
    order by known_on
)

select * from final
