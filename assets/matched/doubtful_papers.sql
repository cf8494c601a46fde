-- One row per paper and doubt (chain_id, paper_kind, paper_no, doubt) and day on which the doubt
-- arose, changed or went away (is_doubtful is false): a paper dated in the future (until that day
-- comes), over nothing, under a number that meant another paper half a year apart, naming an order
-- that its own delivery note contradicts or that is another chain's, a red invoice that reverses no
-- blue one, an order from which more goods were taken back than delivered.

with window_papers as (
    select 'order' as paper_kind, chain_id, order_no as paper_no, known_on
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select 'delivery', chain_id, delivery_no, known_on
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select 'receipt', chain_id, receipt_no, known_on
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select 'invoice', coalesce(chain_id, 'unknown'), invoice_no, known_on
    from staged.invoices
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select 'payment', coalesce(chain_id, 'unknown'), account_no || '/' || transaction_no, known_on
    from staged.bank_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
),

papers as not materialized (
    select
        'order' as paper_kind, chain_id, order_no as paper_no, known_on, order_no, store_id,
        order_date as dated_on, amount, file_id, sheet, row_no
    from staged.orders
    union all
    select
        'delivery', chain_id, delivery_no, known_on, order_no, store_id, delivery_date, amount,
        file_id, sheet, row_no
    from staged.deliveries
    union all
    select
        'receipt', chain_id, receipt_no, known_on, order_no, store_id, receipt_date, amount,
        file_id, sheet, row_no
    from staged.goods_receipts
    union all
    select
        'invoice', coalesce(chain_id, 'unknown'), invoice_no, known_on, null,
        coalesce(buyer_id, 'unknown:' || buyer_name), issued_on, amount, file_id, sheet, row_no
    from staged.invoices
    union all
    select
        'payment', coalesce(chain_id, 'unknown'), account_no || '/' || transaction_no, known_on,
        null, coalesce(payer_id, 'unknown:' || payer_name), received_on, amount, file_id, sheet,
        row_no
    from staged.bank_receipts
),

-- nearly every paper came once, in time and over an amount: nothing is to be asked of it
strange_alone as (
    select paper_kind, chain_id, paper_no
    from papers
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (dated_on > known_on or amount = 0)
),

came_again as (
    select paper_kind, chain_id, paper_no
    from (
        select * from window_papers
        union all
        select papers.paper_kind, papers.chain_id, papers.paper_no, papers.known_on
        from papers
        semi join window_papers using (paper_kind, chain_id, paper_no)
        where papers.known_on < getvariable('day_from')
    )
    group by paper_kind, chain_id, paper_no
    having count(*) > 1
),

versions as (
    select
        *,
        lag(dated_on) over paper as dated_before,
        lag(amount) over paper as amount_before,
        lead(known_on, 1, date '9999-12-31') over paper as known_until
    from papers
    semi join (
        select * from strange_alone
        union all
        select * from came_again
    ) as asked using (paper_kind, chain_id, paper_no)
    where known_on <= getvariable('day_until')
    window paper as (partition by paper_kind, chain_id, paper_no order by known_on)
),

of_versions as (
    select
        'future_date' as doubt, 'future_date' as reason, versions.*,
        paper_kind || ' ' || paper_no || ' is dated ' || dated_on || ', but came on ' || known_on
        as evidence
    from versions
    where dated_on > known_on
    union all
    select
        'no_amount', 'unusual_amount', versions.*,
        paper_kind || ' ' || paper_no || ' is over 0.00'
    from versions
    where amount = 0
    union all
    select
        'number_reused', 'number_reused', versions.*,
        paper_kind || ' ' || paper_no || ' of ' || dated_on
        || ' has the number of one of ' || dated_before || ' over ' || amount_before
        || ' and replaced it'
    from versions
    where abs(date_diff('day', dated_before, dated_on)) > 180
),

-- a receipt and its delivery note may name different orders
touched_receipts as (
    select distinct chain_id, receipt_no
    from (
        select chain_id, receipt_no
        from matched.resolved_receipts
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and delivery_no is not null
        union all
        select receipts.chain_id, receipts.receipt_no
        from matched.resolved_receipts as receipts
        semi join (
            select chain_id, delivery_no
            from matched.resolved_deliveries
            where known_on between getvariable('day_from') and getvariable('day_until')
        ) as deliveries using (chain_id, delivery_no)
    )
),

clashing as (
    select receipts.chain_id, receipts.receipt_no, receipts.delivery_no
    from matched.resolved_receipts as receipts
    semi join touched_receipts using (chain_id, receipt_no)
    inner join matched.resolved_deliveries as deliveries using (chain_id, delivery_no)
    where
        receipts.order_no <> deliveries.order_no
        and receipts.known_on <= getvariable('day_until')
        and deliveries.known_on <= getvariable('day_until')
),

receipt_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from matched.resolved_receipts
    where
        known_on <= getvariable('day_until')
        and (chain_id, receipt_no) in (select (chain_id, receipt_no) from clashing)
),

delivery_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, delivery_no order by known_on
        ) as known_until
    from matched.resolved_deliveries
    where
        known_on <= getvariable('day_until')
        and (chain_id, delivery_no) in (select (chain_id, delivery_no) from clashing)
),

of_orders_named as (
    select
        'other_order' as doubt, 'contradictory_reference' as reason, 'receipt' as paper_kind,
        receipts.chain_id, receipts.receipt_no as paper_no,
        greatest(receipts.known_on, deliveries.known_on) as known_on, receipts.order_no,
        receipts.came_on,
        least(receipts.known_until, deliveries.known_until) as known_until,
        'receipt ' || receipts.receipt_no || ' names order ' || receipts.order_no
        || ', its delivery ' || deliveries.delivery_no || ' names order ' || deliveries.order_no
        as evidence
    from receipt_versions as receipts
    inner join delivery_versions as deliveries
        on
            receipts.chain_id = deliveries.chain_id
            and receipts.delivery_no = deliveries.delivery_no
            and receipts.known_on < deliveries.known_until
            and deliveries.known_on < receipts.known_until
    where receipts.order_no <> deliveries.order_no
),

-- goods on an order that only another chain has placed, for the same amount
window_orders as (
    select distinct order_no
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
),

naming as not materialized (
    select 'delivery' as paper_kind, chain_id, delivery_no as paper_no, order_no, amount, known_on
    from staged.deliveries
    where order_no is not null and amount > 0
    union all
    select 'receipt', chain_id, receipt_no, order_no, amount, known_on
    from staged.goods_receipts
    where order_no is not null and amount > 0
),

touched_namings as (
    select naming.*
    from naming
    semi join window_papers using (paper_kind, chain_id, paper_no)
    where naming.known_on <= getvariable('day_until')
    union all
    select naming.*
    from naming
    semi join window_orders using (order_no)
    where naming.known_on <= getvariable('day_until')
),

elsewhere as (
    select
        namings.paper_kind, namings.chain_id, namings.paper_no, namings.order_no, namings.amount,
        orders.chain_id as other_chain_id, min(orders.known_on) as ordered_from
    from touched_namings as namings
    inner join staged.orders
        on
            namings.order_no = orders.order_no
            and namings.amount = orders.amount
            and namings.chain_id <> orders.chain_id
            and orders.known_on <= getvariable('day_until')
    group by all
),

own_orders as (
    select chain_id, order_no, min(known_on) as known_on
    from staged.orders
    semi join elsewhere using (chain_id, order_no)
    where known_on <= getvariable('day_until')
    group by chain_id, order_no
),

of_other_chains as (
    select
        'other_chain' as doubt, 'contradictory_reference' as reason, elsewhere.paper_kind,
        elsewhere.chain_id, elsewhere.paper_no,
        greatest(versions.known_on, elsewhere.ordered_from) as known_on, elsewhere.order_no,
        versions.known_on as came_on,
        least(versions.known_until, coalesce(own_orders.known_on, date '9999-12-31'))
        as known_until,
        elsewhere.paper_kind || ' ' || elsewhere.paper_no || ' of ' || elsewhere.chain_id
        || ' names order ' || elsewhere.order_no || ', which only ' || elsewhere.other_chain_id
        || ' has placed' as evidence
    from elsewhere
    inner join (
        select
            *,
            lead(known_on, 1, date '9999-12-31') over (
                partition by paper_kind, chain_id, paper_no order by known_on
            ) as known_until
        from papers
        semi join elsewhere using (paper_kind, chain_id, paper_no)
        where known_on <= getvariable('day_until')
    ) as versions
        on
            elsewhere.paper_kind = versions.paper_kind
            and elsewhere.chain_id = versions.chain_id
            and elsewhere.paper_no = versions.paper_no
            and elsewhere.order_no = versions.order_no
            and elsewhere.amount = versions.amount
    left join own_orders
        on
            elsewhere.chain_id = own_orders.chain_id
            and elsewhere.order_no = own_orders.order_no
    -- several other chains may have it; the first by name is told
    qualify row_number() over (
        partition by elsewhere.paper_kind, elsewhere.chain_id, elsewhere.paper_no, versions.known_on
        order by elsewhere.ordered_from, elsewhere.other_chain_id
    ) = 1
),

red_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by invoice_no order by known_on
        ) as known_until
    from staged.invoices
    where is_red and known_on <= getvariable('day_until')
),

of_red_invoices as (
    select
        'red_of_red' as doubt, 'contradictory_reference' as reason, 'invoice' as paper_kind,
        coalesce(reds.chain_id, 'unknown') as chain_id, reds.invoice_no as paper_no,
        greatest(reds.known_on, named.known_on) as known_on, cast(null as varchar) as order_no,
        reds.known_on as came_on, least(reds.known_until, named.known_until) as known_until,
        'invoice ' || reds.invoice_no || ' reverses ' || named.invoice_no || ', which is red itself'
        as evidence
    from red_versions as reds
    inner join red_versions as named
        on
            reds.red_of_invoice_no = named.invoice_no
            and reds.known_on < named.known_until
            and named.known_on < reds.known_until
),

taken_back as (
    select distinct chain_id, order_no
    from matched.order_states
    where delivered < 0 and known_on <= getvariable('day_until')
),

of_orders as (
    select
        'below_zero' as doubt, 'unusual_amount' as reason, 'order' as paper_kind, chain_id,
        order_no as paper_no, known_on, order_no, store_id, cast(null as date) as dated_on,
        delivered as amount, file_id, sheet, row_no,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until,
        'more goods were taken back than delivered: ' || delivered as evidence
    from matched.order_states
    semi join taken_back using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

of_references as (
    select
        named.doubt, named.reason, named.paper_kind, named.chain_id, named.paper_no,
        named.known_on, named.known_until, named.order_no, papers.store_id, papers.dated_on,
        papers.amount, named.evidence, papers.file_id, papers.sheet, papers.row_no
    from (
        select * from of_orders_named
        union all by name
        select * from of_other_chains
        union all by name
        select * from of_red_invoices
    ) as named
    inner join papers
        on
            named.paper_kind = papers.paper_kind
            and named.chain_id = papers.chain_id
            and named.paper_no = papers.paper_no
            and named.came_on = papers.known_on
    where named.known_on < named.known_until
),

spells as (
    select
        doubt, reason, paper_kind, chain_id, paper_no, known_on, known_until, order_no, store_id,
        dated_on, amount, evidence, file_id, sheet, row_no
    from of_versions
    union all by name
    select * from of_references
    union all by name
    select * from of_orders where amount < 0
),

-- a doubt goes away on the day on which its stretch ends; the next stretch may begin that day
edges as (
    select known_on, true as is_doubtful, spells.* exclude (known_on, known_until) from spells
    union all by name
    select known_until as known_on, false as is_doubtful, spells.* exclude (known_on, known_until)
    from spells
    anti join (select doubt, paper_kind, chain_id, paper_no, known_on from spells) as next
        on
            spells.doubt = next.doubt
            and spells.paper_kind = next.paper_kind
            and spells.chain_id = next.chain_id
            and spells.paper_no = next.paper_no
            and spells.known_until = next.known_on
),

final as (
    select
        known_on, chain_id, paper_kind, paper_no, doubt, reason, is_doubtful, order_no, store_id,
        dated_on, cast(amount as decimal(18, 2)) as amount, evidence, file_id, sheet, row_no
    from edges
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
