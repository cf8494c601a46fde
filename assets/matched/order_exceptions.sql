-- One row per closed day, order and reason (as_of, chain_id, order_no, reason): what is wrong with an
-- open order on that day, and since when without interruption. Orders paid or cancelled have none.

with changed as (
    select
        *,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from matched.order_states
    where known_on <= getvariable('day_until')
),

-- orders that are open on some day of the window, with all their days
in_question as (
    select distinct chain_id, order_no
    from changed
    where known_until > getvariable('day_from') and stage not in ('paid', 'cancelled')
),

states as (
    select changed.* from changed semi join in_question using (chain_id, order_no)
),

ordered as (
    select
        states.chain_id, states.order_no, states.known_from,
        max_by(coalesce(orders.deliver_by, orders.order_date), orders.known_on) as expected_on
    from states
    inner join staged.orders
        on
            states.chain_id = orders.chain_id
            and states.order_no = orders.order_no
            and orders.known_on <= states.known_from
    group by states.chain_id, states.order_no, states.known_from
),

delivered as (
    select
        states.chain_id, states.order_no, states.known_from,
        min(deliveries.delivery_date) as delivered_on
    from states
    inner join staged.deliveries
        on
            states.chain_id = deliveries.chain_id
            and states.order_no = deliveries.order_no
            and deliveries.known_on <= states.known_from
    group by states.chain_id, states.order_no, states.known_from
),

received as (
    select
        states.chain_id, states.order_no, states.known_from,
        min(receipts.receipt_date) as received_on
    from states
    inner join matched.receipt_orders as placements
        on
            states.chain_id = placements.chain_id
            and states.order_no = placements.order_no
            and placements.known_on <= states.known_from
    inner join staged.goods_receipts as receipts
        on
            placements.chain_id = receipts.chain_id
            and placements.receipt_no = receipts.receipt_no
            and receipts.known_on <= states.known_from
    group by states.chain_id, states.order_no, states.known_from
),

-- the current causes of an order on the day of the state, over its steps
current_variances as (
    select
        states.chain_id, states.order_no, states.known_from,
        sum(latest.price_amount) as price_amount, sum(latest.tax_amount) as tax_amount
    from states
    inner join (
        select
            chain_id, order_no, step, known_on,
            sum(amount) filter (cause = 'price') as price_amount,
            sum(amount) filter (cause = 'tax') as tax_amount,
            lead(known_on, 1, date '9999-12-31') over (
                partition by chain_id, order_no, step order by known_on
            ) as known_until
        from matched.variances
        semi join in_question using (chain_id, order_no)
        where known_on <= getvariable('day_until')
        group by chain_id, order_no, step, known_on
    ) as latest
        on
            states.chain_id = latest.chain_id
            and states.order_no = latest.order_no
            and states.known_from >= latest.known_on
            and states.known_from < latest.known_until
    group by states.chain_id, states.order_no, states.known_from
),

with_dates as (
    select
        states.*,
        states.received + states.returned as net,
        coalesce(ordered.expected_on, states.known_from) as expected_on,
        coalesce(delivered.delivered_on, states.known_from) as delivered_on,
        coalesce(received.received_on, states.known_from) as received_on,
        coalesce(current_variances.price_amount, 0) as price_amount,
        coalesce(current_variances.tax_amount, 0) as tax_amount,
        getvariable('policy').matching as limits
    from states
    left join ordered using (chain_id, order_no, known_from)
    left join delivered using (chain_id, order_no, known_from)
    left join received using (chain_id, order_no, known_from)
    left join current_variances using (chain_id, order_no, known_from)
    where states.stage not in ('paid', 'cancelled')
),

-- every reason with what it is worth and the day from which it holds if the state lasts
judged as (
    select
        chain_id, order_no, store_id, known_from, known_until, file_id, sheet, row_no,
        unnest(
            [
                {
                    'reason': 'undelivered',
                    'amount': case
                        when stage = 'ordered' and not is_cancelled then ordered else 0
                    end,
                    'since': expected_on + limits.undelivered_days + 1,
                    'evidence': 'ordered ' || cast(ordered as varchar) || ', expected by '
                        || cast(expected_on as varchar) || ', no delivery note'
                },
                {
                    'reason': 'partly_delivered',
                    'amount': case
                        when delivered > 0 and delivered < ordered and not is_cancelled
                            then ordered - delivered
                        else 0
                    end,
                    'since': delivered_on + limits.undelivered_days + 1,
                    'evidence': 'ordered ' || cast(ordered as varchar) || ', delivered '
                        || cast(delivered as varchar)
                },
                {
                    'reason': 'over_delivered',
                    'amount': case
                        when not is_implied and delivered > ordered then delivered - ordered else 0
                    end,
                    'since': known_from,
                    'evidence': 'ordered ' || cast(ordered as varchar) || ', delivered '
                        || cast(delivered as varchar)
                },
                {
                    'reason': 'unreceived',
                    'amount': case when stage = 'delivered' then delivered else 0 end,
                    'since': delivered_on + limits.in_transit_days + 1,
                    'evidence': 'delivered ' || cast(delivered as varchar) || ' on '
                        || cast(delivered_on as varchar) || ', no goods receipt'
                },
                {
                    'reason': 'short_received',
                    'amount': case
                        when received > 0 and delivered > received then delivered - received
                        else 0
                    end,
                    'since': received_on + limits.in_transit_days + 1,
                    'evidence': 'delivered ' || cast(delivered as varchar) || ', received '
                        || cast(received as varchar)
                },
                {
                    'reason': 'price_difference',
                    'amount': price_amount,
                    'since': known_from,
                    'evidence': 'papers differ in price by ' || cast(price_amount as varchar)
                },
                {
                    'reason': 'tax_difference',
                    'amount': tax_amount,
                    'since': known_from,
                    'evidence': 'papers differ in tax rate by ' || cast(tax_amount as varchar)
                },
                {
                    'reason': 'returned',
                    'amount': returned,
                    'since': known_from,
                    'evidence': 'returned ' || cast(returned as varchar) || ' of '
                        || cast(received as varchar) || ' received'
                },
                {
                    'reason': 'uninvoiced',
                    'amount': case
                        when stage in ('received', 'applied') then net - invoiced else 0
                    end,
                    'since': received_on + limits.uninvoiced_days + 1,
                    'evidence': 'accepted ' || cast(net as varchar) || ', applied for '
                        || cast(applied as varchar) || ', invoiced ' || cast(invoiced as varchar)
                },
                {
                    'reason': 'not_on_statement',
                    'amount': case
                        when received > 0 and stated < net then net - stated else 0
                    end,
                    'since': received_on + limits.statement_days + 1,
                    'evidence': 'accepted ' || cast(net as varchar) || ' on '
                        || cast(received_on as varchar) || ', on statements '
                        || cast(stated as varchar)
                }
            ],
            recursive := true
        )
    from with_dates
),

conditions as (
    select
        chain_id, order_no, store_id, reason, cast(amount as decimal(18, 2)) as amount,
        greatest(known_from, cast(since as date)) as starts_on,
        known_until as ends_on, evidence, file_id, sheet, row_no
    from judged
    where amount <> 0 and greatest(known_from, cast(since as date)) < known_until
),

-- stretches that follow each other without a gap are one exception
marked as (
    select
        *,
        case
            when starts_on <= max(ends_on) over (
                partition by chain_id, order_no, reason
                order by starts_on
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_opening
    from conditions
),

numbered as (
    select
        *,
        sum(is_opening) over (
            partition by chain_id, order_no, reason order by starts_on
        ) as opening_no
    from marked
),

opened as (
    select
        *,
        min(starts_on) over (partition by chain_id, order_no, reason, opening_no) as opened_on
    from numbered
),

final as (
    select
        cast(
            unnest(
                generate_series(
                    greatest(starts_on, getvariable('day_from')),
                    least(ends_on - 1, getvariable('day_until')),
                    interval 1 day
                )
            ) as date
        ) as as_of,
        chain_id, order_no, store_id, reason, amount, opened_on, evidence, file_id, sheet, row_no
    from opened
    where starts_on <= getvariable('day_until') and ends_on > getvariable('day_from')
)

select * from final
