-- One row per ledger entry (entry_id): what changed what a debtor owes. Entries are never edited;
-- a correction, a reversal or a move to another debtor is an entry of its own. The balance of an
-- item on a day is the sum of its entries known and effective by then.
-- Goods enter as `uninvoiced`; an invoice moves the part it explains to an item of its own; cash
-- and deductions come from the cash applications.

with new_receivables as not materialized (
    select * from settled.receivables
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- goods that come to stand on consignment are stock of ours again until they are reported as sold
on_receipts as (
    select
        known_on,
        case
            when term_kind = 'consignment' then coalesce(base_on, known_on) else receipt_date
        end as effective_on,
        substr(md5('uninvoiced|' || chain_id || '|' || receipt_no), 1, 16) as item_id,
        'uninvoiced' as item_kind,
        case
            when previous_on is null or term_kind = 'consignment' and base_on is not null
                then 'charge'
            else 'correction'
        end as entry_kind,
        chain_id, debtor_id, store_id,
        case
            when term_kind = 'consignment' then coalesce(base_on, receipt_date) else receipt_date
        end as document_on,
        due_on, change as amount,
        receipt_no as document_no, receipt_no, cast(null as varchar) as invoice_no, order_no,
        cast(null as varchar) as transaction_no,
        case
            when term_kind = 'consignment' and base_on is not null then 'goods reported as sold'
            when term_kind = 'consignment' then 'the goods stand on consignment from this day'
            when previous_on is null and is_return then 'goods returned'
            when previous_on is null then 'goods accepted'
            else 'a later version of the receipt changes the amount'
        end as evidence,
        1 as turn, file_id, sheet, row_no
    from new_receivables
    where change <> 0
),

-- goods that an invoice takes over or gives back, that move to another debtor, or are due anew
goods_events as not materialized (
    select
        known_on, chain_id, receipt_no, invoice_no, issued_on, is_red, effective_on,
        cast(null as varchar) as entry_kind, change, sign(change) = sign(amount) as is_charge,
        false as is_leaving, evidence, 2 as turn, file_id, sheet, row_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select
        known_on, chain_id, receipt_no, invoice_no, issued_on, is_red, known_on,
        entry_kind, amount, false, is_leaving, evidence,
        case when is_leaving then 3 when entry_kind = 'moved' then 4 else 5 end,
        file_id, sheet, row_no
    from settled.goods_moves
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- what a receipt was until a later row took its place
replaced as (
    select chain_id, receipt_no, previous_on as known_on, known_on as known_until
    from settled.receivables
    where previous_on is not null and known_on <= getvariable('day_until')
),

-- attributes of the receipt on the day of the event; what leaves, leaves the debtor before
goods_then as (
    select
        events.* exclude (effective_on, is_leaving),
        greatest(events.effective_on, receivables.receipt_date) as effective_on,
        case
            when events.is_leaving then receivables.previous_debtor_id else receivables.debtor_id
        end as debtor_id,
        case
            when events.is_leaving then receivables.previous_store_id else receivables.store_id
        end as store_id,
        receivables.receipt_date, receivables.order_no, receivables.due_on,
        receivables.term_kind, receivables.term_days, receivables.pay_days,
        case when receivables.term_kind = 'invoice' then events.invoice_no end as handed_over_no,
        receivables.known_on = events.known_on
        and receivables.is_redated as is_redated
    from settled.receivables
    inner join goods_events as events
        on
            receivables.chain_id = events.chain_id
            and receivables.receipt_no = events.receipt_no
            and receivables.known_on <= events.known_on
    left join replaced
        on
            receivables.chain_id = replaced.chain_id
            and receivables.receipt_no = replaced.receipt_no
            and receivables.known_on = replaced.known_on
    where replaced.known_until is null or events.known_on < replaced.known_until
),

handovers as (
    select
        invoice_no, known_on, coalesce(confirmed_on, handed_over_on) as handed_over_on,
        lead(known_on, 1, date '9999-12-31') over (partition by invoice_no order by known_on)
            as known_until
    from staged.invoice_handovers
    semi join goods_then on invoice_handovers.invoice_no = goods_then.handed_over_no
    where known_on <= getvariable('day_until')
),

-- under invoice terms the clock runs from the hand-over
dated as (
    select
        goods.*,
        case
            when goods.handed_over_no is null then goods.due_on else handover_dues.due_on
        end as invoice_due_on
    from goods_then as goods
    left join handovers
        on
            goods.handed_over_no = handovers.invoice_no
            and goods.known_on >= handovers.known_on
            and goods.known_on < handovers.known_until
    left join settled.due_dates as handover_dues
        on
            goods.term_kind = handover_dues.term_kind
            and goods.term_days = handover_dues.term_days
            and goods.pay_days = handover_dues.pay_days
            and handovers.handed_over_on = handover_dues.base_on
    where
        goods.entry_kind is distinct from 'due'
        or goods.invoice_no is null
        or goods.handed_over_no is not null and handover_dues.due_on is not null
        or goods.is_redated
),

-- the uninvoiced side of what an invoice takes over or gives back, and moves of uninvoiced goods
on_uninvoiced as (
    select
        known_on, effective_on,
        substr(md5('uninvoiced|' || chain_id || '|' || receipt_no), 1, 16) as item_id,
        'uninvoiced' as item_kind,
        coalesce(entry_kind, case when is_charge then 'invoiced' else 'reopened' end)
            as entry_kind,
        chain_id, debtor_id, store_id, receipt_date as document_on, due_on,
        case when entry_kind is null then -change else change end as amount,
        receipt_no as document_no, receipt_no, cast(null as varchar) as invoice_no, order_no,
        cast(null as varchar) as transaction_no,
        case
            when entry_kind is not null then evidence
            when is_charge then 'invoiced by ' || invoice_no
            else 'no longer invoiced by ' || invoice_no
        end as evidence,
        case when entry_kind is null then 1 else turn end as turn, file_id, sheet, row_no
    from dated
    where invoice_no is null or entry_kind is null
),

on_invoiced as (
    select
        known_on, effective_on,
        substr(
            md5('invoice|' || invoice_no || '|' || chain_id || '|' || receipt_no), 1, 16
        ) as item_id,
        case when is_red then 'red_invoice' else 'invoice' end as item_kind,
        coalesce(entry_kind, case when is_charge then 'charge' else 'reversal' end) as entry_kind,
        chain_id, debtor_id, store_id, issued_on as document_on, invoice_due_on as due_on,
        change as amount, invoice_no as document_no, receipt_no, invoice_no, order_no,
        cast(null as varchar) as transaction_no, evidence, turn, file_id, sheet, row_no
    from dated
    where invoice_no is not null
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
        lag(balance) over item as previous_balance,
        lag(due_on) over item as previous_due_on,
        lag(chain_id) over item as previous_chain_id,
        lag(customer_id) over item as previous_customer_id,
        lag(store_id) over item as previous_store_id
    from staged.opening_items
    where known_on <= getvariable('day_until') and is_gone is not true
    window item as (partition by item_id order by known_on)
),

-- a later list corrects what is owed, by whom, and until when
opening_entries as (
    select
        *, case when previous_balance is null then 'charge' else 'correction' end as entry_kind,
        balance - coalesce(previous_balance, 0) as amount,
        case
            when previous_balance is null then 'open before the first day'
            else 'a later list of opening items changes the balance'
        end as evidence
    from opening_versions
    where balance <> coalesce(previous_balance, 0)
    union all by name
    select
        * replace (
            previous_chain_id as chain_id, previous_customer_id as customer_id,
            previous_store_id as store_id
        ),
        'moved' as entry_kind, -previous_balance as amount,
        'a later list of opening items names another customer or store' as evidence
    from opening_versions
    where
        previous_balance <> 0
        and (customer_id, store_id, chain_id)
        <> (previous_customer_id, previous_store_id, previous_chain_id)
    union all by name
    select
        *, 'moved' as entry_kind, previous_balance as amount,
        'a list of opening items named another customer or store before' as evidence
    from opening_versions
    where
        previous_balance <> 0
        and (customer_id, store_id, chain_id)
        <> (previous_customer_id, previous_store_id, previous_chain_id)
    union all by name
    select
        *, 'due' as entry_kind, 0 as amount,
        'a later list of opening items dates it anew' as evidence
    from opening_versions
    where balance = previous_balance and due_on is distinct from previous_due_on
),

on_openings as (
    select
        known_on, document_on as effective_on, item_id,
        case when is_invoiced then 'invoice' else 'uninvoiced' end as item_kind,
        entry_kind, chain_id, customer_id as debtor_id, store_id, document_on, due_on, amount,
        document_no, cast(null as varchar) as receipt_no, cast(null as varchar) as invoice_no,
        cast(null as varchar) as order_no, cast(null as varchar) as transaction_no, evidence,
        8 as turn, file_id, sheet, row_no
    from opening_entries
    where known_on >= getvariable('day_from')
),

-- what a debtor took is owed back at once
on_cash as (
    select
        known_on, effective_on, item_id, item_kind,
        case when part in ('deduction', 'given_back') then 'taken' else 'cash' end as entry_kind,
        chain_id, debtor_id, store_id, document_on,
        case
            when part in ('deduction', 'given_back', 'adjustment') then effective_on
        end as due_on,
        -amount as amount, document_no, receipt_no, invoice_no, order_no, transaction_no,
        evidence, case when part = 'given_back' then 15 else 9 end as turn, file_id, sheet, row_no
    from settled.cash_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- what is open of a deduction once it was taken
on_deductions as (
    select
        known_on, effective_on, item_id, 'deduction' as item_kind, entry_kind, chain_id, debtor_id,
        store_id, document_on, cast(null as date) as due_on, amount, document_no,
        cast(null as varchar) as receipt_no, cast(null as varchar) as invoice_no,
        cast(null as varchar) as order_no, transaction_no, evidence, turn, file_id, sheet, row_no
    from settled.deduction_entries
    where known_on between getvariable('day_from') and getvariable('day_until')
),

on_write_offs as (
    select
        known_on, effective_on, item_id, item_kind, 'write_off' as entry_kind, chain_id, debtor_id,
        store_id, document_on, cast(null as date) as due_on, -amount as amount, document_no,
        receipt_no, invoice_no, order_no, cast(null as varchar) as transaction_no,
        reason as evidence, 14 as turn, file_id, sheet, row_no
    from settled.write_offs
    where known_on between getvariable('day_from') and getvariable('day_until')
),

entries as (
    select * from on_receipts
    union all
    select * from on_uninvoiced
    union all
    select * from on_invoiced
    union all
    select * from on_rests
    union all
    select * from on_openings
    union all
    select * from on_cash
    union all
    select * from on_deductions
    union all
    select * from on_write_offs
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
