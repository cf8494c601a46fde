-- One row per open order, reason and day (as_of) on which the order has an exception: what it is
-- worth and since when it holds without interruption. A state of an order holds until its next one;
-- deadlines run from the dates of its papers. Orders paid or cancelled have no exceptions. Goods on
-- consignment are to be invoiced as far as they are reported as sold, and need not be on a statement
-- before.

with state_days as (
    select * from matched.steps.open_order_versions
),

consigning as (
    select distinct chain_id, store_id
    from staged.store_terms
    where known_on <= getvariable('day_until') and term_kind = 'consignment'
),

terms as (
    select *
    from staged.steps.store_term_versions as terms
    semi join consigning using (chain_id, store_id)
),

term_days as (
    select distinct chain_id, store_id, known_from from terms
),

-- a change of the terms puts goods on consignment, or ends it
states_by_terms as (
    select state_days.* exclude (known_until)
    from state_days
    union all
    select state_days.* exclude (known_until) replace (term_days.known_from as known_on)
    from state_days
    inner join term_days
        on
            state_days.chain_id = term_days.chain_id
            and state_days.ship_to_id = term_days.store_id
            and state_days.known_on < term_days.known_from
            and term_days.known_from < state_days.known_until
),

-- terms for the order's category come before those for every other category
consigned as (
    select states.known_on, states.chain_id, states.order_no
    from states_by_terms as states
    inner join terms
        on
            states.chain_id = terms.chain_id
            and states.ship_to_id = terms.store_id
            and states.known_on >= terms.known_from
            and states.known_on < terms.known_until
            and states.settled_on between terms.valid_from and terms.valid_to
            and (terms.category is null or terms.category = states.category)
    group by states.known_on, states.chain_id, states.order_no
    having min_by(terms.term_kind, terms.category is null) = 'consignment'
),

states as (
    select
        states.*,
        lead(states.known_on, 1, date '9999-12-31') over (
            partition by states.chain_id, states.order_no order by states.known_on
        ) as known_until,
        consigned.order_no is not null as is_consigned
    from states_by_terms as states
    left join consigned using (known_on, chain_id, order_no)
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
        case when states.is_consigned then states.last_reported_on else states.last_receipt_on end
        + getvariable('policy').matching.uninvoiced_days as invoice_until,
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
    where not is_consigned and net > invoiced
),

uninvoiced_sales as (
    select
        *, 'uninvoiced' as reason, reported - invoiced as worth, invoice_until as after,
        'on consignment: reported as sold ' || reported || ' of ' || net || ', applied for '
        || applied || ', invoiced ' || invoiced as evidence
    from open_states
    where is_consigned and reported > invoiced
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
    where not is_consigned and unstated > 0
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
    select * from uninvoiced_sales
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
