-- One row per stage of orders, as known last: orders, what was ordered, what is missing next.

with latest as (
    select *
    from matched.order_states
    qualify row_number() over (partition by chain_id, order_no order by known_on desc) = 1
),

final as (
    select
        stage, count(*) as orders, sum(ordered) as ordered,
        any_value(missing_document) as missing_document
    from latest
    group by stage
    order by
        list_position(
            [
                'ordered', 'delivered', 'received', 'applied', 'invoiced', 'handed_over',
                'on_statement', 'paid', 'cancelled'
            ],
            stage
        )
)

select * from final
