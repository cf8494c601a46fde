-- One row per order of the story, step and cause by which its papers differ now; the causes of a step
-- sum to its difference.

with wanted as (
    select unnest($kinds) as kind, unnest($numbers) as no
),

-- the rows of the latest day of an order and step are the current ones
current_rows as (
    select known_on, order_no, step, cause, amount
    from matched.variances
    where
        chain_id = $chain_id
        and order_no in (select no from wanted where kind = 'order')
    qualify known_on = max(known_on) over (partition by order_no, step)
),

final as (
    select
        order_no, step, cast(sum(amount) over step_of_order as decimal(18, 2)) as difference,
        cause, amount, known_on
    from current_rows
    where amount <> 0
    window step_of_order as (partition by order_no, step)
    order by
        order_no,
        list_position(['delivery', 'receipt', 'invoice', 'statement'], step),
        abs(amount) desc, cause
)

select * from final
