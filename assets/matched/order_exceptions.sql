-- One row per open order, reason and day (as_of) on which the order has an exception: what it is
-- worth and since when it holds without interruption. A state of an order holds until its next one;
-- deadlines run from the dates of its papers. Orders paid or cancelled have no exceptions.

with states as (
    select * from matched.steps.open_order_versions
),

variance_days as (
    select
        chain_id, order_no, step, known_on,
        sum(amount) filter (cause in ('quantity', 'rounding', 'unexplained')) as quantity,
        sum(amount) filter (cause = 'price') as price,
        sum(amount) filter (cause = 'tax') as tax
    from matched.variances
    where
        known_on <= getvariable('day_until')
        and step in ('delivery', 'receipt')
        and (chain_id, order_no) in (select (chain_id, order_no) from states)
    group by chain_id, order_no, step, known_on
),

variances as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no, step order by known_on
        ) as known_until
    from variance_days
),

differences as (
    select
        states.chain_id, states.order_no, states.known_on,
        sum(variances.quantity) filter (variances.step = 'delivery') as delivery_quantity,
        sum(variances.quantity) filter (variances.step = 'receipt') as receipt_quantity,
        sum(variances.price) as price,
        sum(variances.tax) as tax
    from states
    inner join variances
        on
            states.chain_id = variances.chain_id
            and states.order_no = variances.order_no
            and states.known_on >= variances.known_on
            and states.known_on < variances.known_until
    group by states.chain_id, states.order_no, states.known_on
),

open_states as (
    select
        states.*,
        coalesce(differences.delivery_quantity, 0) as delivery_quantity,
        coalesce(differences.receipt_quantity, 0) as receipt_quantity,
        coalesce(differences.price, 0) as price,
        coalesce(differences.tax, 0) as tax,
        states.due_on + getvariable('policy').matching.undelivered_days as deliver_until,
        states.last_delivery_on + getvariable('policy').matching.in_transit_days as receive_until,
        states.last_receipt_on + getvariable('policy').matching.uninvoiced_days as invoice_until,
        states.last_receipt_on + getvariable('policy').matching.statement_days as state_until
    from states
    left join differences using (chain_id, order_no, known_on)
    where states.is_open
),

-- `after` is the last day before the condition is an exception, null where there is no deadline
undelivered as (
    select
        *, 'undelivered' as reason, ordered as worth, deliver_until as after,
        'ordered ' || ordered || ', expected by ' || due_on || ', no delivery note' as evidence
    from open_states
    where
        not is_implied and not is_cancelled and delivered = 0 and received = 0 and returned = 0
),

partly_delivered as (
    select
        *, 'partly_delivered' as reason, sent_back - delivery_quantity as worth,
        deliver_until as after,
        'ordered ' || ordered || ', expected by ' || due_on || ', delivered '
        || (delivered - sent_back) as evidence
    from open_states
    where
        not is_implied and not is_cancelled and delivered > 0 and delivery_quantity < sent_back
),

over_delivered as (
    select
        *, 'over_delivered' as reason, delivery_quantity as worth, null as after,
        'ordered ' || ordered || ', delivered ' || delivered as evidence
    from open_states
    where not is_implied and not is_cancelled and delivery_quantity > 0
),

-- until the store accepts the goods all the same, or they come back
delivered_though_cancelled as (
    select
        *, 'over_delivered' as reason, delivered as worth, null as after,
        'the order is cancelled, delivered ' || delivered || ' all the same' as evidence
    from open_states
    where is_cancelled and delivered > 0 and received = 0 and returned = 0
),

unreceived as (
    select
        *, 'unreceived' as reason, delivered as worth, receive_until as after,
        'delivered ' || delivered || ' on ' || last_delivery_on || ', no goods receipt' as evidence
    from open_states
    where delivered > 0 and received = 0 and returned = 0
),

short_received as (
    select
        *, 'short_received' as reason, -receipt_quantity as worth, receive_until as after,
        'delivered ' || delivered || ' on ' || last_delivery_on || ', received ' || received
        as evidence
    from open_states
    where delivered > 0 and received > 0 and receipt_quantity < 0
),

price_difference as (
    select
        *, 'price_difference' as reason, price as worth, null as after,
        'papers differ in price by ' || price || ': ordered ' || ordered || ', delivered '
        || delivered || ', received ' || received as evidence
    from open_states
),

tax_difference as (
    select
        *, 'tax_difference' as reason, tax as worth, null as after,
        'papers differ in tax rate by ' || tax || ': ordered ' || ordered || ', delivered '
        || delivered || ', received ' || received as evidence
    from open_states
),

returned as (
    select
        *, 'returned' as reason, returned as worth, null as after,
        'returned ' || returned || ' of ' || received || ' received' as evidence
    from open_states
),

uninvoiced as (
    select
        *, 'uninvoiced' as reason, net - invoiced as worth, invoice_until as after,
        'accepted ' || net || ' on ' || last_receipt_on || ', applied for ' || applied
        || ', invoiced ' || invoiced as evidence
    from open_states
    where net > invoiced
),

over_invoiced as (
    select
        *, 'over_invoiced' as reason, invoiced - net as worth, null as after,
        'accepted ' || net || ', invoiced ' || invoiced as evidence
    from open_states
    where invoiced > net
),

not_on_statement as (
    select
        *, 'not_on_statement' as reason, unstated as worth, state_until as after,
        'accepted ' || net || ' on ' || last_receipt_on || ', on statements ' || stated as evidence
    from open_states
    where unstated > 0
),

conditions as (
    select * from undelivered
    union all
    select * from partly_delivered
    union all
    select * from over_delivered
    union all
    select * from delivered_though_cancelled
    union all
    select * from unreceived
    union all
    select * from short_received
    union all
    select * from price_difference
    union all
    select * from tax_difference
    union all
    select * from returned
    union all
    select * from uninvoiced
    union all
    select * from over_invoiced
    union all
    select * from not_on_statement
),

spells as (
    select
        *,
        greatest(known_on, coalesce(cast(after + 1 as date), known_on)) as starts_on
    from conditions
    where worth <> 0 and (after is null or after + 1 < known_until)
),

-- a spell that begins where the one before ends goes on
marked as (
    select
        *,
        lag(known_until) over (
            partition by chain_id, order_no, reason order by starts_on
        ) is distinct from starts_on as is_new
    from spells
),

opened as (
    select
        *,
        max(case when is_new then starts_on end) over (
            partition by chain_id, order_no, reason order by starts_on
        ) as opened_on
    from marked
),

final as (
    select
        days.as_of, opened.chain_id, opened.order_no, opened.reason,
        opened.store_id, opened.ship_to_id, opened.category, opened.settled_on,
        cast(opened.worth as decimal(18, 2)) as amount,
        opened.opened_on, opened.evidence, opened.file_id, opened.sheet, opened.row_no
    from opened
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= opened.starts_on and days.as_of < opened.known_until
)

select * from final
