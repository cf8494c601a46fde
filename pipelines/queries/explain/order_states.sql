-- One row per day on which the asked order changed: amounts at each step and where it is stuck.

with final as (
    select
        states.known_on, states.ordered, states.delivered, states.received, states.returned,
        states.applied, states.invoiced, states.handed_over, states.stated, states.paid,
        states.stage, states.missing_document, states.stage_since, states.next_actor,
        files.path as file, states.sheet, states.row_no as row
    from matched.order_states as states
    left join received.files as files using (file_id)
    where states.chain_id = $chain_id and states.order_no = $no
    order by states.known_on
)

select * from final
