-- One row per order, step and cause (chain_id, order_no, step, cause) and day on which the order
-- changed while the papers of the step differed: why the later paper says more or less. The rows of
-- the latest day of an order and step are the current ones; a difference that went away leaves one
-- row of nothing. Causes always sum to the difference: what nothing else explains is unexplained.
-- Of an article first the quantity counts, at the earlier price, then the tax rate, then the price;
-- what is left within five cents an article is rounding. Cases against pieces are the same goods
-- where their prices are whole multiples; where quantity and price differ by half and more in
-- opposite directions, the papers count in units that we do not know: unexplained. Invoices and
-- statements are held against whole receipts: what no invoice bills and no statement lists is
-- quantity. Of a receipt that is billed in part, the lines of its invoices tell.

with differences as (
    select * from matched.step_differences
    where known_on between getvariable('day_from') and getvariable('day_until')
),

articles as (
    select
        known_on, chain_id, order_no, step,
        coalesce(earlier_quantity, 0) as earlier_quantity,
        coalesce(later_quantity, 0) as later_quantity,
        coalesce(earlier_amount, 0) as earlier_amount,
        coalesce(later_amount, 0) as later_amount,
        earlier_rate, later_rate,
        coalesce(
            earlier_price,
            cast(earlier_amount / nullif(earlier_quantity, 0) as decimal(18, 4))
        ) as earlier_price,
        coalesce(
            later_price, cast(later_amount / nullif(later_quantity, 0) as decimal(18, 4))
        ) as later_price
    from (
        select * from matched.compared_articles
        union all by name
        select *, 'invoice' as step from matched.billed_articles
    )
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- how many units of one paper go into one of the other, by their prices
in_units as (
    select
        *,
        case
            when earlier_price > 0 and later_price > 0 then round(earlier_price / later_price)
        end as pieces,
        case
            when earlier_price > 0 and later_price > 0 then round(later_price / earlier_price)
        end as cases
    from articles
),

in_one_unit as (
    select
        *,
        case
            when
                pieces >= 2
                and abs(earlier_price - pieces * later_price) <= 0.005 * pieces
                and later_quantity between earlier_quantity * pieces / 2
                and earlier_quantity * pieces * 2
                then 1 / pieces
            when
                cases >= 2
                and abs(later_price - cases * earlier_price) <= 0.005 * cases
                and later_quantity between earlier_quantity / cases / 2
                and earlier_quantity / cases * 2
                then cases
        end as units
    from in_units
),

by_quantity as (
    select
        *,
        cast(
            case
                when earlier_quantity = 0 or later_quantity = 0 then later_amount - earlier_amount
                when units is not null
                    then round(
                        cast(later_quantity * units * earlier_price as decimal(18, 6))
                        - earlier_quantity * earlier_price,
                        2
                    )
                else round((later_quantity - earlier_quantity) * earlier_price, 2)
            end as decimal(18, 2)
        ) as quantity_part,
        -- unit prices are rounded to the cent: nearer net prices are the same price
        earlier_rate <> later_rate
        and abs(later_price * (1 + earlier_rate) - earlier_price * (1 + later_rate))
        < 0.01 * (1 + earlier_rate) * (1 + later_rate) as is_same_net_price
    from in_one_unit
),

by_tax as (
    select
        *,
        later_amount - earlier_amount - quantity_part as left_over,
        cast(
            case
                when earlier_quantity = 0 or later_quantity = 0 then 0
                when is_same_net_price then later_amount - earlier_amount - quantity_part
                when earlier_rate <> later_rate
                    then later_amount - round(
                        cast(
                            later_amount * (1 + earlier_rate) / (1 + later_rate) as decimal(18, 6)
                        ),
                        2
                    )
                else 0
            end as decimal(18, 2)
        ) as tax_part
    from by_quantity
),

by_price as (
    select *, cast(left_over - tax_part as decimal(18, 2)) as price_part from by_tax
),

comparable as (
    select *
    from by_price
    where
        sign(quantity_part) = sign(price_part)
        or 2 * least(abs(quantity_part), abs(price_part))
        <= greatest(abs(earlier_amount), abs(later_amount))
),

of_articles as (
    select known_on, chain_id, order_no, step, 'quantity' as cause, quantity_part as amount
    from comparable
    union all
    select known_on, chain_id, order_no, step, 'tax', tax_part from comparable
    union all
    select
        known_on, chain_id, order_no, step,
        case when abs(price_part) <= 0.05 then 'rounding' else 'price' end, price_part
    from comparable
),

goods_came_back as (
    select
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        'return' as cause, states.returned as amount
    from differences
    inner join matched.order_states as states using (known_on, chain_id, order_no)
    where differences.step = 'receipt' and differences.difference <> 0
),

-- the receipts that stand on the order on the day, in the version known then
later_steps as (
    select * from differences where step in ('invoice', 'statement') and difference <> 0
),

placed_receipts as (
    select
        steps.known_on, steps.chain_id, steps.order_no, steps.step, placements.receipt_no
    from later_steps as steps
    inner join matched.receipt_orders as placements
        on
            steps.chain_id = placements.chain_id
            and steps.order_no = placements.order_no
            and steps.known_on >= placements.known_on
    group by all
    having sum(placements.placed) > 0
),

receipts as (
    select
        placed.known_on, placed.chain_id, placed.order_no, placed.step, placed.receipt_no,
        max_by(receipts.is_return, receipts.known_on) as is_return,
        max_by(receipts.amount, receipts.known_on) as amount
    from placed_receipts as placed
    inner join staged.goods_receipts as receipts
        on
            placed.chain_id = receipts.chain_id
            and placed.receipt_no = receipts.receipt_no
            and placed.known_on >= receipts.known_on
    group by all
),

invoiced as (
    select
        receipts.known_on, receipts.chain_id, receipts.receipt_no, receipts.step,
        sum(goods.change) as amount,
        sum(goods.change) filter (goods.amount = 0 and ends.reason = 'red_full') as reversed
    from receipts
    inner join matched.invoiced_goods as goods
        on
            receipts.chain_id = goods.chain_id
            and receipts.receipt_no = goods.receipt_no
            and receipts.known_on >= goods.known_on
    left join matched.invoice_ends as ends
        on goods.invoice_no = ends.invoice_no and goods.known_on = ends.known_on
    where receipts.step = 'invoice'
    group by receipts.known_on, receipts.chain_id, receipts.receipt_no, receipts.step
),

stated as (
    select
        receipts.known_on, receipts.chain_id, receipts.receipt_no, receipts.step,
        sum(goods.change) as amount
    from receipts
    inner join matched.stated_goods as goods
        on
            receipts.chain_id = goods.chain_id
            and receipts.receipt_no = goods.receipt_no
            and receipts.known_on >= goods.known_on
    where receipts.step = 'statement'
    group by receipts.known_on, receipts.chain_id, receipts.receipt_no, receipts.step
),

judged_receipts as (
    select
        receipts.*,
        coalesce(invoiced.amount, stated.amount, 0) as said,
        -- a reversal opened no more than what is without invoice now
        greatest(
            coalesce(invoiced.reversed, 0),
            least(coalesce(invoiced.amount, 0) - receipts.amount, 0)
        ) as reversed
    from receipts
    left join invoiced using (known_on, chain_id, receipt_no, step)
    left join stated using (known_on, chain_id, receipt_no, step)
),

-- returns not yet billed back or not yet stated, goods whose invoice was reversed, and goods that no
-- invoice or no statement speaks of
of_receipts as (
    select
        known_on, chain_id, order_no, step,
        case when is_return then 'return' else 'red_invoice' end as cause,
        case when is_return then said - amount else reversed end as amount
    from judged_receipts
    union all
    select known_on, chain_id, order_no, step, 'quantity', -amount - reversed
    from judged_receipts
    where not is_return and said = 0
),

-- what statements list for the order beyond its receipts: goods that we have no paper of
of_unknown_goods as (
    select
        steps.known_on, steps.chain_id, steps.order_no, steps.step, 'quantity' as cause,
        states.stated - coalesce(placed.said, 0) as amount
    from later_steps as steps
    inner join matched.order_states as states using (known_on, chain_id, order_no)
    left join (
        select known_on, chain_id, order_no, step, sum(said) as said
        from judged_receipts
        group by known_on, chain_id, order_no, step
    ) as placed using (known_on, chain_id, order_no, step)
    where steps.step = 'statement'
),

causes as (
    select known_on, chain_id, order_no, step, cause, sum(amount) as amount
    from (
        select * from of_articles
        union all
        select * from goods_came_back
        union all
        select * from of_receipts
        union all
        select * from of_unknown_goods
    )
    group by known_on, chain_id, order_no, step, cause
),

explained as (
    select * from causes where amount <> 0
),

unexplained as (
    select
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        'unexplained' as cause,
        differences.difference - coalesce(sum(explained.amount), 0) as amount,
        differences.difference
    from differences
    left join explained using (known_on, chain_id, order_no, step)
    group by
        differences.known_on, differences.chain_id, differences.order_no, differences.step,
        differences.difference
),

final as (
    select known_on, chain_id, order_no, step, cause, cast(amount as decimal(18, 2)) as amount
    from explained
    union all
    select known_on, chain_id, order_no, step, cause, cast(amount as decimal(18, 2))
    from unexplained
    where amount <> 0 or difference = 0
)

select * from final
