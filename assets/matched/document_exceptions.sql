-- One row per closed day, paper and reason (as_of, chain_id, document_no, reason): what is wrong with
-- an invoice or a statement line on that day, and since when without interruption.

with handovers as (
    select invoice_no, min(known_on) as known_on
    from staged.invoice_handovers
    where known_on <= getvariable('day_until')
    group by invoice_no
),

ends as (
    select invoice_no, known_on
    from matched.invoice_ends
    where known_on <= getvariable('day_until')
),

invoices as (
    select
        invoice_no,
        min(known_on) as known_on,
        min_by(coalesce(chain_id, 'unknown'), known_on) as chain_id,
        min_by(coalesce(buyer_id, 'unknown:' || buyer_name), known_on) as buyer_id,
        min_by(issued_on, known_on) as issued_on,
        min_by(amount, known_on) as amount,
        min_by(file_id, known_on) as file_id, min_by(sheet, known_on) as sheet,
        min_by(row_no, known_on) as row_no
    from staged.invoices
    where known_on <= getvariable('day_until')
    group by invoice_no
),

not_handed_over as (
    select
        invoices.chain_id, invoices.invoice_no as document_no, invoices.buyer_id as store_id,
        'invoice_not_handed_over' as reason, invoices.amount,
        greatest(
            invoices.known_on,
            cast(invoices.issued_on + getvariable('policy').matching.handover_days + 1 as date)
        ) as starts_on,
        least(
            coalesce(handovers.known_on, date '9999-12-31'),
            coalesce(ends.known_on, date '9999-12-31')
        ) as ends_on,
        'invoice ' || invoices.invoice_no || ' of ' || cast(invoices.issued_on as varchar)
        || ' has not been handed over' as evidence,
        invoices.file_id, invoices.sheet, invoices.row_no
    from invoices
    left join handovers using (invoice_no)
    left join ends using (invoice_no)
    where invoices.amount > 0
),

rests as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (partition by invoice_no order by known_on)
            as known_until
    from matched.invoice_rests
    where known_on <= getvariable('day_until')
),

over_invoiced as (
    select
        rests.chain_id, rests.invoice_no, invoices.buyer_id, 'over_invoiced' as reason,
        rests.amount, rests.known_on, rests.known_until,
        'invoice ' || rests.invoice_no || ' bills ' || cast(rests.amount as varchar)
        || ' that no goods receipt explains' as evidence,
        rests.file_id, rests.sheet, rests.row_no
    from rests
    inner join invoices using (invoice_no)
    where rests.amount > 0
),

first_receipts as (
    select
        chain_id, receipt_no, min(known_on) as known_on,
        min_by(store_id, known_on) as store_id, min_by(receipt_date, known_on) as receipt_date,
        min_by(order_no, known_on) as order_no
    from staged.goods_receipts
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

statement_days as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until,
        coalesce(period_end, known_on) as stated_on
    from staged.statements
    where known_on <= getvariable('day_until')
),

lines as (
    select lines.*, days.known_until, days.stated_on
    from staged.statement_lines as lines
    inner join statement_days as days using (chain_id, statement_no, known_on)
    where lines.known_on <= getvariable('day_until')
),

without_documents as (
    select
        lines.chain_id, lines.statement_no || '#' || cast(lines.line_no as varchar),
        coalesce(lines.store_id, 'unknown:' || lines.chain_id), 'on_statement_without_documents',
        lines.amount, lines.known_on,
        least(lines.known_until, coalesce(receipts.known_on, date '9999-12-31')),
        'statement ' || lines.statement_no || ' lists '
        || coalesce('receipt ' || lines.receipt_no, 'goods without a number') || ' for '
        || cast(lines.amount as varchar) || ', which we do not have',
        lines.file_id, lines.sheet, lines.row_no
    from lines
    left join first_receipts as receipts using (chain_id, receipt_no)
    where lines.line_kind in ('receipt', 'return')
),

receipt_versions as (
    select
        chain_id, receipt_no, amount, store_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from staged.goods_receipts
    where known_on <= getvariable('day_until')
),

stated as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no, statement_no order by known_on
        ) as known_until
    from matched.stated_goods
    where known_on <= getvariable('day_until')
),

differing as (
    select
        stated.chain_id, stated.statement_no || '/' || stated.receipt_no, receipts.store_id,
        'statement_amount_differs', stated.amount - receipts.amount,
        greatest(stated.known_on, receipts.known_on),
        least(stated.known_until, receipts.known_until),
        'statement ' || stated.statement_no || ' says ' || cast(stated.amount as varchar)
        || ' for receipt ' || stated.receipt_no || ', we have ' || cast(receipts.amount as varchar),
        stated.file_id, stated.sheet, stated.row_no
    from stated
    inner join receipt_versions as receipts
        on
            stated.chain_id = receipts.chain_id
            and stated.receipt_no = receipts.receipt_no
            and stated.known_on < receipts.known_until
            and receipts.known_on < stated.known_until
    where stated.amount <> 0 and stated.amount <> receipts.amount
),

agreements as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by agreement_id order by known_on
        ) as known_until
    from staged.deduction_agreements
    where known_on <= getvariable('day_until')
),

unexplained_deductions as (
    select
        lines.chain_id, lines.statement_no || '#' || cast(lines.line_no as varchar),
        coalesce(lines.store_id, 'unknown:' || lines.chain_id), 'unexplained_deduction',
        -lines.amount, lines.known_on, lines.known_until,
        'statement ' || lines.statement_no || ' takes ' || cast(-lines.amount as varchar) || ' for '
        || coalesce(lines.fee_name, lines.fee_code, 'an unnamed fee') || ' without an agreement',
        lines.file_id, lines.sheet, lines.row_no
    from lines
    where
        lines.line_kind = 'deduction'
        and lines.amount < 0
        and not exists (
            select 1
            from agreements
            where
                lines.chain_id = agreements.chain_id
                and lines.fee_code = agreements.fee_code
                and lines.known_on >= agreements.known_on
                and lines.known_on < agreements.known_until
                and lines.stated_on >= agreements.valid_from
                and lines.stated_on <= coalesce(agreements.valid_to, date '9999-12-31')
                and (lines.deduction_kind is null or lines.deduction_kind = agreements.kind)
        )
),

invoiced as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no, invoice_no order by known_on
        ) as known_until
    from matched.invoiced_goods
    where known_on <= getvariable('day_until')
),

terms as (
    select
        store_terms.*, versions.known_until
    from staged.store_terms
    inner join (
        select
            store_id, known_on,
            lead(known_on, 1, date '9999-12-31') over (
                partition by store_id order by known_on
            ) as known_until
        from (
            select distinct store_id, known_on
            from staged.store_terms
            where known_on <= getvariable('day_until')
        )
    ) as versions using (store_id, known_on)
    where store_terms.category is null
),

first_deliveries as (
    select chain_id, order_no, min(known_on) as known_on, min(delivery_date) as delivery_date
    from staged.deliveries
    where known_on <= getvariable('day_until')
    group by chain_id, order_no
),

-- the debtor of the goods by the delivery date, as the settlement finds it
wrong_titles as (
    select
        invoiced.chain_id, invoiced.invoice_no, min(receipts.store_id), 'wrong_invoice_title',
        sum(invoiced.amount), min(greatest(invoiced.known_on, terms.known_on)),
        max(invoiced.known_until),
        'invoice ' || invoiced.invoice_no || ' is made out to ' || min(invoices.buyer_id)
        || ', the debtor is ' || min(terms.debtor_id),
        min(invoices.file_id), min(invoices.sheet), min(invoices.row_no)
    from invoiced
    inner join invoices using (invoice_no)
    inner join first_receipts as receipts
        on
            invoiced.chain_id = receipts.chain_id
            and invoiced.receipt_no = receipts.receipt_no
    left join first_deliveries as deliveries
        on
            receipts.chain_id = deliveries.chain_id
            and receipts.order_no = deliveries.order_no
            and deliveries.known_on <= invoiced.known_on
    inner join terms
        on
            receipts.store_id = terms.store_id
            and invoiced.known_on >= terms.known_on
            and invoiced.known_on < terms.known_until
            and coalesce(deliveries.delivery_date, receipts.receipt_date)
            between terms.valid_from and terms.valid_to
    where invoiced.amount <> 0 and invoices.buyer_id <> terms.debtor_id
    group by invoiced.chain_id, invoiced.invoice_no, invoiced.known_on, invoiced.known_until
),

-- the same document again is told on the day it came again
sent_again as (
    select known_on, chain_id, 'order ' || order_no as document_no, min(store_code) as store_code,
        sum(amount) as amount, min(file_id) as file_id, min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from received.orders
    where is_duplicate and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no
    union all
    select known_on, chain_id, 'delivery ' || delivery_no, min(store_code), sum(amount),
        min(file_id), min_by(sheet, row_no), min(row_no)
    from received.deliveries
    where is_duplicate and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, delivery_no
    union all
    select known_on, chain_id, 'receipt ' || receipt_no, min(store_code), sum(amount),
        min(file_id), min_by(sheet, row_no), min(row_no)
    from received.goods_receipts
    where is_duplicate and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, receipt_no
    union all
    select known_on, chain_id, 'statement ' || statement_no, min(party_code), sum(amount),
        min(file_id), min_by(sheet, row_no), min(row_no)
    from received.statements
    where is_duplicate and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, statement_no
),

duplicates as (
    select
        sent_again.chain_id, sent_again.document_no,
        coalesce(
            min(codes.store_id), 'unknown:' || sent_again.chain_id || coalesce('/' || min(sent_again.store_code), '')
        ) as store_id,
        'duplicate_document' as reason, sent_again.amount, sent_again.known_on as starts_on,
        cast(sent_again.known_on + interval 1 day as date) as ends_on,
        sent_again.document_no || ' came again with the same content' as evidence,
        sent_again.file_id, sent_again.sheet, sent_again.row_no
    from sent_again
    left join staged.store_codes as codes
        on
            sent_again.chain_id = codes.chain_id
            and sent_again.store_code = codes.store_code
            and codes.known_on <= sent_again.known_on
    group by
        sent_again.chain_id, sent_again.document_no, sent_again.amount, sent_again.known_on,
        sent_again.file_id, sent_again.sheet, sent_again.row_no
),

raised as (
    select * from duplicates
    union all
    select * from not_handed_over
    union all
    select * from over_invoiced
    union all
    select * from without_documents
    union all
    select * from differing
    union all
    select * from unexplained_deductions
    union all
    select * from wrong_titles
),

conditions as (
    select
        chain_id, document_no, store_id, reason, cast(sum(amount) as decimal(18, 2)) as amount,
        starts_on, ends_on, min(evidence) as evidence,
        min(file_id) as file_id, min(sheet) as sheet, min(row_no) as row_no
    from raised
    where amount <> 0 and starts_on < ends_on and starts_on <= getvariable('day_until')
    group by chain_id, document_no, store_id, reason, starts_on, ends_on
),

-- stretches that follow each other without a gap are one exception
marked as (
    select
        *,
        case
            when starts_on <= max(ends_on) over (
                partition by chain_id, document_no, reason
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
            partition by chain_id, document_no, reason order by starts_on
        ) as opening_no
    from marked
),

opened as (
    select
        *,
        min(starts_on) over (partition by chain_id, document_no, reason, opening_no) as opened_on
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
        chain_id, document_no, store_id, reason, amount, opened_on, evidence, file_id, sheet, row_no
    from opened
    where starts_on <= getvariable('day_until') and ends_on > getvariable('day_from')
)

select * from final
