-- One row per order (chain_id, order_no) and day on which papers became known that tell who stands
-- behind it: the store delivered to, the issuer of the goods receipt, the buyer on the invoice, the
-- party on the statement, the payer at the bank; null where no paper of that day speaks, of several
-- customers the first and the last joined by ' + '. A place is `branch`, `head` (head office or its DC) or `mixed`.
-- Invoices, statements and payments speak for the orders of the receipts that they explain, state
-- or pay. What a paper once said stays; the latest paper of a kind counts.

with customers as (
    select
        customer_id, known_from, known_until,
        case when level = 'branch' then 'branch' else 'head' end as place
    from staged.steps.customer_versions
),

placements as not materialized (
    select known_on, chain_id, receipt_no, order_no
    from matched.receipt_orders
    where known_on <= getvariable('day_until') and placed > 0
),

-- money that a paper puts on a receipt; what only takes it away again is no evidence
moves as not materialized (
    select
        known_on, chain_id, receipt_no, 'invoice' as paper, invoice_no as paper_no,
        cast(null as varchar) as account_no, change as amount
    from matched.invoiced_goods
    where known_on <= getvariable('day_until') and change > 0
    union all
    select known_on, chain_id, receipt_no, 'statement', statement_no, null, change
    from matched.stated_goods
    where known_on <= getvariable('day_until') and change > 0
    union all
    select known_on, chain_id, unit_no, 'payment', transaction_no, account_no, amount
    from matched.clearings
    where
        known_on <= getvariable('day_until') and unit_kind = 'goods_receipt' and amount > 0
),

-- receipts that find their order after papers about them were known
placed_late as (
    select *
    from placements
    where
        known_on >= getvariable('day_from')
        and (select min(known_on) from matched.receipt_orders) < getvariable('day_until')
),

own_moves as materialized (
    select * from moves where known_on >= getvariable('day_from')
    union all
    select moves.*
    from moves
    semi join placed_late using (chain_id, receipt_no)
    where known_on < getvariable('day_from')
),

placed_moves as (
    select
        greatest(own_moves.known_on, placements.known_on) as known_on, own_moves.chain_id,
        placements.order_no, own_moves.known_on as paper_known_on, own_moves.paper,
        own_moves.paper_no, own_moves.account_no, own_moves.amount
    from own_moves
    inner join placements
        on
            own_moves.chain_id = placements.chain_id
            and own_moves.receipt_no = placements.receipt_no
    where greatest(own_moves.known_on, placements.known_on) >= getvariable('day_from')
),

-- whom a paper names, as its first version says
named as (
    select
        'invoice' as paper, cast(null as varchar) as chain_id, cast(null as varchar) as account_no,
        invoices.invoice_no as paper_no,
        min_by(coalesce(invoices.buyer_id, ''), invoices.known_on) as party_id,
        min(invoices.known_on) as known_on
    from staged.invoices
    semi join own_moves on invoices.invoice_no = own_moves.paper_no and own_moves.paper = 'invoice'
    where invoices.known_on <= getvariable('day_until')
    group by invoices.invoice_no
    union all
    select
        'statement', statements.chain_id, null, statements.statement_no,
        min_by(coalesce(statements.party_id, ''), statements.known_on), min(statements.known_on)
    from staged.statements
    semi join own_moves
        on
            statements.chain_id = own_moves.chain_id
            and statements.statement_no = own_moves.paper_no
            and own_moves.paper = 'statement'
    where statements.known_on <= getvariable('day_until')
    group by statements.chain_id, statements.statement_no
    union all
    select
        'payment', null, payments.account_no, payments.transaction_no,
        min_by(coalesce(payments.payer_id, ''), payments.known_on), min(payments.known_on)
    from staged.bank_receipts as payments
    semi join own_moves
        on
            payments.account_no = own_moves.account_no
            and payments.transaction_no = own_moves.paper_no
            and own_moves.paper = 'payment'
    where payments.known_on <= getvariable('day_until')
    group by payments.account_no, payments.transaction_no
),

parties as (
    select named.* exclude (known_on), customers.place
    from named
    inner join customers
        on
            named.party_id = customers.customer_id
            and named.known_on >= customers.known_from
            and named.known_on < customers.known_until
),

spoken as (
    select
        moves.known_on, moves.chain_id, moves.order_no, moves.paper, moves.paper_no, moves.amount,
        parties.party_id, parties.place
    from placed_moves as moves
    inner join parties
        on
            moves.paper = parties.paper
            and moves.paper_no = parties.paper_no
            and case when moves.paper = 'statement' then moves.chain_id else '' end
            = coalesce(parties.chain_id, '')
            and coalesce(moves.account_no, '') = coalesce(parties.account_no, '')
    union all
    select
        deliveries.known_on, deliveries.chain_id, deliveries.order_no, 'delivery',
        deliveries.delivery_no, deliveries.amount, customers.customer_id, customers.place
    from matched.resolved_deliveries as deliveries
    inner join customers
        on
            deliveries.store_id = customers.customer_id
            and deliveries.known_on >= customers.known_from
            and deliveries.known_on < customers.known_until
    where
        deliveries.known_on between getvariable('day_from') and getvariable('day_until')
        and deliveries.order_no is not null
        and deliveries.amount > 0
    union all
    select
        receipts.known_on, receipts.chain_id, receipts.order_no, 'receipt',
        receipts.receipt_no, receipts.amount, customers.customer_id, customers.place
    from matched.resolved_receipts as receipts
    inner join customers
        on
            receipts.store_id = customers.customer_id
            and receipts.known_on >= customers.known_from
            and receipts.known_on < customers.known_until
    where
        receipts.known_on between getvariable('day_from') and getvariable('day_until')
        and receipts.order_no is not null
        and receipts.amount > 0
),

kinds as (
    select
        known_on, chain_id, order_no, paper,
        {
            'id': case
                when min(party_id) = max(party_id) then min(party_id)
                else min(party_id) || ' + ' || max(party_id)
            end,
            'place': case
                when bool_and(place = 'branch') then 'branch'
                when bool_or(place = 'branch') then 'mixed'
                else 'head'
            end,
            'no': min(paper_no),
            'amount': cast(sum(amount) as decimal(18, 2))
        } as said
    from spoken
    group by known_on, chain_id, order_no, paper
),

daily as (
    select
        known_on, chain_id, order_no,
        any_value(said) filter (paper = 'delivery') as delivery,
        any_value(said) filter (paper = 'receipt') as receipt,
        any_value(said) filter (paper = 'invoice') as invoice,
        any_value(said) filter (paper = 'statement') as statement,
        any_value(said) filter (paper = 'payment') as payment
    from kinds
    group by known_on, chain_id, order_no
),

final as (
    select
        known_on, chain_id, order_no,
        delivery.id as ship_to_id, delivery.place as ship_to_place, delivery.no as delivery_no,
        delivery.amount as delivered,
        receipt.id as issuer_id, receipt.place as issuer_place, receipt.no as receipt_no,
        receipt.amount as received,
        invoice.id as buyer_id, invoice.place as buyer_place, invoice.no as invoice_no,
        invoice.amount as invoiced,
        statement.id as party_id, statement.place as party_place, statement.no as statement_no,
        statement.amount as stated,
        payment.id as payer_id, payment.place as payer_place, payment.no as transaction_no,
        payment.amount as paid
    from daily
)

select * from final
