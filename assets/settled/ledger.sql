-- One row per ledger entry (entry_id): what changed what a debtor owes. Entries are never edited;
-- a correction, a reversal or a move to another debtor is an entry of its own. The balance of an
-- item on a day is the sum of its entries known and effective by then.
-- Goods enter as `uninvoiced`; an invoice moves the part it explains to an item of its own; cash
-- and deductions come from the cash applications.

with receivables as (
    select
        *,
        lag(known_on) over receipt as previous_on,
        lead(known_on, 1, date '9999-12-31') over receipt as known_until,
        lag(debtor_id) over receipt as previous_debtor_id,
        lag(store_id) over receipt as previous_store_id,
        lag(due_on) over receipt as previous_due_on
    from settled.receivables
    where known_on <= getvariable('day_until')
    window receipt as (partition by chain_id, receipt_no order by known_on)
),

new_receivables as (
    select * from receivables
    where known_on between getvariable('day_from') and getvariable('day_until')
),

new_invoiced as (
    select * from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
),

handovers as (
    select
        invoice_no, known_on, coalesce(confirmed_on, handed_over_on) as handed_over_on,
        lead(known_on, 1, date '9999-12-31') over (partition by invoice_no order by known_on)
            as known_until
    from staged.invoice_handovers
    where known_on <= getvariable('day_until')
),

invoices as (
    select
        invoice_no, bool_or(is_red) as is_red, min_by(issued_on, known_on) as issued_on
    from staged.invoices
    where known_on <= getvariable('day_until')
    group by invoice_no
),

-- money on the uninvoiced part of goods
goods_entries as (
    select
        known_on, chain_id, receipt_no, cast(null as varchar) as invoice_no,
        receipt_date as effective_on,
        case when previous_on is null then 'charge' else 'correction' end as entry_kind,
        change as amount,
        case
            when previous_on is null and is_return then 'goods returned'
            when previous_on is null then 'goods accepted'
            else 'a later version of the receipt changes the amount'
        end as evidence,
        file_id, sheet, row_no
    from new_receivables
    where change <> 0
    union all
    select
        new_invoiced.known_on, new_invoiced.chain_id, new_invoiced.receipt_no, null,
        new_invoiced.effective_on,
        case
            when sign(new_invoiced.change) = sign(new_invoiced.amount) then 'invoiced'
            else 'reopened'
        end,
        -new_invoiced.change,
        case
            when sign(new_invoiced.change) = sign(new_invoiced.amount)
                then 'invoiced by ' || new_invoiced.invoice_no
            else 'no longer invoiced by ' || new_invoiced.invoice_no
        end,
        new_invoiced.file_id, new_invoiced.sheet, new_invoiced.row_no
    from new_invoiced
),

invoice_entries as (
    select
        known_on, chain_id, receipt_no, invoice_no, effective_on,
        case when sign(change) = sign(amount) then 'charge' else 'reversal' end as entry_kind,
        change as amount, evidence, file_id, sheet, row_no
    from new_invoiced
),

moving_receipts as (
    select *
    from new_receivables
    where
        previous_on is not null
        and (debtor_id <> previous_debtor_id or store_id <> previous_store_id)
),

-- another debtor or store: the balance charged so far leaves the old one and comes to the new one
balances_to_move as (
    select
        moving.known_on, moving.chain_id, moving.receipt_no, cast(null as varchar) as invoice_no,
        sum(parts.amount) as amount,
        any_value(moving.file_id) as file_id, any_value(moving.sheet) as sheet,
        any_value(moving.row_no) as row_no
    from moving_receipts as moving
    inner join (
        select chain_id, receipt_no, known_on, change as amount from receivables
        union all
        select chain_id, receipt_no, known_on, -change from matched.invoiced_goods
    ) as parts
        on
            moving.chain_id = parts.chain_id
            and moving.receipt_no = parts.receipt_no
            and parts.known_on < moving.known_on
    group by moving.known_on, moving.chain_id, moving.receipt_no
    union all
    select
        moving.known_on, moving.chain_id, moving.receipt_no, goods.invoice_no, sum(goods.change),
        any_value(moving.file_id), any_value(moving.sheet), any_value(moving.row_no)
    from moving_receipts as moving
    inner join matched.invoiced_goods as goods
        on
            moving.chain_id = goods.chain_id
            and moving.receipt_no = goods.receipt_no
            and goods.known_on < moving.known_on
    group by moving.known_on, moving.chain_id, moving.receipt_no, goods.invoice_no
),

-- the clock starts or changes without money moving: an entry of nothing that carries the due date
due_entries as (
    select
        new_receivables.known_on, new_receivables.chain_id, new_receivables.receipt_no,
        cast(null as varchar) as invoice_no,
        new_receivables.file_id, new_receivables.sheet, new_receivables.row_no
    from new_receivables
    where previous_on is not null and change = 0 and due_on is distinct from previous_due_on
    union all
    select
        new_receivables.known_on, new_receivables.chain_id, new_receivables.receipt_no,
        goods.invoice_no, new_receivables.file_id, new_receivables.sheet, new_receivables.row_no
    from new_receivables
    inner join matched.invoiced_goods as goods
        on
            new_receivables.chain_id = goods.chain_id
            and new_receivables.receipt_no = goods.receipt_no
            and goods.known_on < new_receivables.known_on
    where previous_on is not null and due_on is distinct from previous_due_on
    group by all
    union all
    select
        handovers.known_on, goods.chain_id, goods.receipt_no, goods.invoice_no,
        min(goods.file_id), min(goods.sheet), min(goods.row_no)
    from handovers
    inner join matched.invoiced_goods as goods
        on handovers.invoice_no = goods.invoice_no and goods.known_on < handovers.known_on
    where handovers.known_on between getvariable('day_from') and getvariable('day_until')
    group by handovers.known_on, goods.chain_id, goods.receipt_no, goods.invoice_no
),

goods_events as (
    select *, false as is_leaving, 1 as turn from goods_entries where amount <> 0
    union all
    select *, false, 2 from invoice_entries where amount <> 0
    union all
    select
        known_on, chain_id, receipt_no, invoice_no, known_on, 'moved', -amount,
        'the goods stand on another debtor or store from this day', file_id, sheet, row_no, true, 3
    from balances_to_move
    where amount <> 0
    union all
    select
        known_on, chain_id, receipt_no, invoice_no, known_on, 'moved', amount,
        'the goods come from another debtor or store', file_id, sheet, row_no, false, 4
    from balances_to_move
    where amount <> 0
    union all
    select
        known_on, chain_id, receipt_no, invoice_no, known_on, 'due', 0,
        'the due date is known from this day', file_id, sheet, row_no, false, 5
    from due_entries
),

-- attributes of the receipt on the day of the entry; what leaves, leaves the debtor before
on_goods as (
    select
        events.known_on,
        greatest(events.effective_on, receivables.receipt_date) as effective_on,
        case
            when events.invoice_no is null
                then substr(md5('uninvoiced|' || events.chain_id || '|' || events.receipt_no), 1, 16)
            else substr(
                md5(
                    'invoice|' || events.invoice_no || '|' || events.chain_id || '|'
                    || events.receipt_no
                ),
                1, 16
            )
        end as item_id,
        case
            when events.invoice_no is null then 'uninvoiced'
            when invoices.is_red then 'red_invoice'
            else 'invoice'
        end as item_kind,
        events.entry_kind, events.chain_id,
        case
            when events.is_leaving then receivables.previous_debtor_id else receivables.debtor_id
        end as debtor_id,
        case
            when events.is_leaving then receivables.previous_store_id else receivables.store_id
        end as store_id,
        case
            when events.invoice_no is null then receivables.receipt_date else invoices.issued_on
        end as document_on,
        case
            when events.invoice_no is not null and receivables.term_kind = 'invoice'
                then handover_dues.due_on
            else receivables.due_on
        end as due_on,
        events.amount,
        coalesce(events.invoice_no, events.receipt_no) as document_no,
        events.receipt_no, events.invoice_no, receivables.order_no,
        cast(null as varchar) as transaction_no,
        events.evidence, events.turn, events.file_id, events.sheet, events.row_no
    from goods_events as events
    inner join receivables
        on
            events.chain_id = receivables.chain_id
            and events.receipt_no = receivables.receipt_no
            and events.known_on >= receivables.known_on
            and events.known_on < receivables.known_until
    left join invoices on events.invoice_no = invoices.invoice_no
    left join handovers
        on
            case when receivables.term_kind = 'invoice' then events.invoice_no end
            = handovers.invoice_no
            and events.known_on >= handovers.known_on
            and events.known_on < handovers.known_until
    left join settled.due_dates as handover_dues
        on
            receivables.term_kind = handover_dues.term_kind
            and receivables.term_days = handover_dues.term_days
            and receivables.pay_days = handover_dues.pay_days
            and handovers.handed_over_on = handover_dues.base_on
    where
        events.entry_kind <> 'due'
        or events.invoice_no is null
        or receivables.term_kind = 'invoice' and handover_dues.due_on is not null
        or receivables.term_kind <> 'invoice'
        and receivables.known_on = events.known_on
        and receivables.due_on is distinct from receivables.previous_due_on
),

rests as (
    select
        *,
        lag(debtor_id) over paper as previous_debtor_id,
        lag(store_id) over paper as previous_store_id,
        lag(amount) over paper as previous_amount
    from settled.invoice_rests
    where known_on <= getvariable('day_until')
    window paper as (partition by invoice_no order by known_on)
),

rest_entries as (
    select
        rests.*,
        entry.kind as entry_kind, entry.amount as entry_amount,
        entry.debtor_id as entry_debtor_id, entry.store_id as entry_store_id, entry.turn,
        entry.evidence
    from rests
    cross join lateral (
        select
            unnest(
                case
                    when
                        previous_amount is not null
                        and previous_amount <> 0
                        and (debtor_id <> previous_debtor_id or store_id <> previous_store_id)
                        then [
                            {
                                'kind': 'moved', 'amount': -previous_amount,
                                'debtor_id': previous_debtor_id, 'store_id': previous_store_id,
                                'turn': 6,
                                'evidence': 'the goods of the invoice name another debtor or store'
                            },
                            {
                                'kind': 'moved', 'amount': amount, 'debtor_id': debtor_id,
                                'store_id': store_id, 'turn': 7,
                                'evidence': 'the part of the invoice that no goods receipt explains'
                            }
                        ]
                    else [
                        {
                            'kind': case when previous_amount is null then 'charge' else 'correction' end,
                            'amount': change, 'debtor_id': debtor_id, 'store_id': store_id,
                            'turn': 6,
                            'evidence': 'the part of the invoice that no goods receipt explains'
                        }
                    ]
                end
            ) as entry
    ) as entries
    where rests.known_on between getvariable('day_from') and getvariable('day_until')
),

on_rests as (
    select
        known_on, effective_on,
        substr(md5('invoice|' || invoice_no), 1, 16) as item_id,
        case when is_red then 'red_invoice' else 'invoice' end as item_kind,
        entry_kind, chain_id, entry_debtor_id as debtor_id, entry_store_id as store_id,
        issued_on as document_on, due_on, entry_amount as amount, invoice_no as document_no,
        cast(null as varchar) as receipt_no, invoice_no, cast(null as varchar) as order_no,
        cast(null as varchar) as transaction_no, evidence, turn, file_id, sheet, row_no
    from rest_entries
    where entry_amount <> 0
),

opening_versions as (
    select
        *,
        coalesce(lag(balance) over (partition by item_id order by known_on), 0) as previous_balance
    from staged.opening_items
    where known_on <= getvariable('day_until')
),

on_openings as (
    select
        known_on, document_on as effective_on, item_id,
        case when is_invoiced then 'invoice' else 'uninvoiced' end as item_kind,
        'charge' as entry_kind, chain_id, customer_id as debtor_id, store_id, document_on, due_on,
        balance - previous_balance as amount, document_no,
        cast(null as varchar) as receipt_no, cast(null as varchar) as invoice_no,
        cast(null as varchar) as order_no, cast(null as varchar) as transaction_no,
        'open before the first day' as evidence, 8 as turn, file_id, sheet, row_no
    from opening_versions
    where known_on >= getvariable('day_from') and balance <> previous_balance
),

cash as (
    select * from settled.cash_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
),

on_cash as (
    select
        cash.known_on, cash.effective_on, cash.item_id,
        case
            when cash.part in ('invoice', 'rest') and invoices.is_red then 'red_invoice'
            when cash.part in ('invoice', 'rest') then 'invoice'
            when cash.part = 'opening_item' and not items.is_invoiced then 'uninvoiced'
            when cash.part = 'opening_item' then 'invoice'
            else cash.part
        end as item_kind,
        case when cash.part = 'deduction' then 'taken' else 'cash' end as entry_kind,
        cash.chain_id,
        cash.debtor_id, cash.store_id,
        case cash.part
            when 'uninvoiced' then receivables.receipt_date
            when 'deduction' then cash.effective_on
            when 'adjustment' then cash.effective_on
            when 'opening_item' then items.document_on
            else invoices.issued_on
        end as document_on,
        -- what a debtor took is owed back at once
        case
            when cash.part in ('deduction', 'adjustment') then cash.effective_on
        end as due_on,
        -cash.amount as amount,
        coalesce(cash.invoice_no, cash.receipt_no, items.document_no, cash.unit_no) as document_no,
        cash.receipt_no, cash.invoice_no, receivables.order_no, cash.transaction_no,
        cash.evidence, 9 as turn, cash.file_id, cash.sheet, cash.row_no
    from cash
    left join receivables
        on
            cash.chain_id = receivables.chain_id
            and cash.receipt_no = receivables.receipt_no
            and cash.known_on >= receivables.known_on
            and cash.known_on < receivables.known_until
    left join invoices on cash.invoice_no = invoices.invoice_no
    left join (
        select * from staged.opening_items
        qualify row_number() over (partition by item_id order by known_on) = 1
    ) as items
        on case when cash.part = 'opening_item' then cash.unit_no end = items.item_id
),

taken as (
    select * from on_cash where item_kind = 'deduction'
),

verdicts as (
    select
        chain_id, statement_no || '#' || cast(line_no as varchar) as unit_no, known_on,
        agreement_id, supported_amount,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no, line_no order by known_on
        ) as known_until
    from settled.deductions
    where known_on <= getvariable('day_until')
),

first_takers as (
    select chain_id, unit_no, min_by(transaction_no, known_on) as transaction_no
    from settled.cash_applications
    where part = 'deduction' and known_on <= getvariable('day_until')
    group by chain_id, unit_no
),

-- an agreement supports a deduction once, when it is taken first
on_support as (
    select
        taken.* replace (
            'supported' as entry_kind,
            -verdicts.supported_amount as amount,
            10 as turn,
            coalesce('agreement ' || verdicts.agreement_id || ' supports it', 'given back') as evidence
        )
    from taken
    inner join verdicts
        on
            taken.chain_id = verdicts.chain_id
            and taken.document_no = verdicts.unit_no
            and taken.known_on >= verdicts.known_on
            and taken.known_on < verdicts.known_until
    semi join first_takers
        on
            taken.chain_id = first_takers.chain_id
            and taken.document_no = first_takers.unit_no
            and taken.transaction_no = first_takers.transaction_no
    where verdicts.supported_amount <> 0
),

entries as (
    select * from on_goods
    union all
    select * from on_rests
    union all
    select * from on_openings
    union all
    select * from on_cash
    union all
    select * from on_support
),

final as (
    select
        substr(
            md5(
                item_id || '|' || debtor_id || '|' || cast(known_on as varchar) || '|'
                || cast(turn as varchar) || '|' || entry_kind || '|'
                || coalesce(transaction_no, '') || '|' || evidence
            ),
            1, 16
        ) as entry_id,
        item_id, item_kind, entry_kind, chain_id, debtor_id, store_id, effective_on, known_on,
        document_on, due_on, cast(amount as decimal(18, 2)) as amount, document_no, receipt_no,
        invoice_no, order_no, transaction_no, evidence, file_id, sheet, row_no
    from entries
)

select * from final
