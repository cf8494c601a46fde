-- One row per entry of a statement, reason and day (as_of) on which the entry has an exception: goods
-- that we have no papers for, another amount than on the receipt, a deduction without an agreement (on
-- an advice, too), an invoice that we do not have, that is void or reversed, or over another amount.

-- a statement is known anew on a day on which one of its lines is found to mean another receipt
with all_days as (
    select chain_id, statement_no, known_on, known_on as came_on
    from staged.statements
    where known_on <= getvariable('day_until')
    union
    select chain_id, statement_no, known_on, came_on
    from matched.resolved_statement_lines
    where known_on <= getvariable('day_until') and known_on > came_on
),

statement_days as (
    select
        days.chain_id, days.statement_no, days.known_on, statements.party_id,
        lead(days.known_on, 1, date '9999-12-31') over (
            partition by days.chain_id, days.statement_no order by days.known_on
        ) as known_until
    from all_days as days
    inner join staged.statements
        on
            days.chain_id = statements.chain_id
            and days.statement_no = statements.statement_no
            and days.came_on = statements.known_on
),

-- the lines of versions that hold on some day of the window, and those of their earlier versions
lines as not materialized (
    select lines.*, statement_days.party_id, statement_days.known_until
    from matched.resolved_statement_lines as lines
    inner join statement_days using (chain_id, statement_no, known_on)
    where
        (chain_id, statement_no) in (
            select (chain_id, statement_no)
            from statement_days
            where known_until > getvariable('day_from')
        )
),

-- goods that no receipt of ours was known for before the window, nor an order without receipt number
unmatched_lines as (
    select lines.*
    from lines
    anti join (
        select chain_id, receipt_no
        from staged.goods_receipts
        where known_on <= getvariable('day_from')
    ) as receipts using (chain_id, receipt_no)
    where lines.line_kind in ('receipt', 'return')
),

first_receipts as (
    select receipts.chain_id, receipts.receipt_no, min(receipts.known_on) as known_on
    from staged.goods_receipts as receipts
    semi join unmatched_lines using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.receipt_no
),

-- a line without a receipt number is documented by the papers of the order that it names
first_orders as (
    select papers.chain_id, papers.order_no, min(papers.known_on) as known_on
    from (
        select chain_id, order_no, known_on from staged.orders
        union all
        select chain_id, order_no, known_on from staged.deliveries
        union all
        select chain_id, order_no, known_on from staged.goods_receipts
    ) as papers
    semi join (
        select chain_id, order_no from unmatched_lines where receipt_no is null
    ) as named using (chain_id, order_no)
    where papers.known_on <= getvariable('day_until')
    group by papers.chain_id, papers.order_no
),

without_documents as (
    select
        'on_statement_without_documents' as reason, lines.chain_id,
        lines.statement_no || '#' || coalesce(
            lines.receipt_no, lines.order_no, cast(lines.line_no as varchar)
        ) as document_no,
        min(lines.order_no) as order_no,
        min(coalesce(lines.store_id, lines.party_id, 'unknown:' || lines.chain_id)) as store_id,
        min(coalesce(lines.store_id, lines.party_id)) as ship_to_id,
        min(coalesce(lines.document_date, lines.period_end, lines.known_on)) as settled_on,
        sum(lines.amount) as amount,
        'statement ' || lines.statement_no || ' lists '
        || coalesce(
            'receipt ' || lines.receipt_no, 'order ' || lines.order_no, 'goods without a number'
        )
        || ' for '
        || sum(lines.amount) || ', which we do not have' as evidence,
        lines.known_on as starts_on,
        least(
            lines.known_until,
            coalesce(first_receipts.known_on, first_orders.known_on, date '9999-12-31')
        ) as ends_on,
        min(lines.file_id) as file_id, min(lines.sheet) as sheet, min(lines.row_no) as row_no
    from unmatched_lines as lines
    left join first_receipts using (chain_id, receipt_no)
    left join first_orders
        on
            lines.chain_id = first_orders.chain_id
            and case when lines.receipt_no is null then lines.order_no end
            = first_orders.order_no
    group by
        lines.chain_id, lines.statement_no, lines.receipt_no, lines.order_no,
        case when lines.receipt_no is null and lines.order_no is null then lines.line_no end,
        coalesce(lines.receipt_no, lines.order_no, cast(lines.line_no as varchar)),
        lines.known_on, lines.known_until, first_receipts.known_on, first_orders.known_on
),

-- deductions that no agreement counts for, by what was agreed and known when their paper came, and
-- those of earlier versions, which tell since when
fee_papers as (
    select chain_id, 'statement' as paper_kind, statement_no as paper_no, known_on
    from staged.statements
    where known_on <= getvariable('day_until')
    union
    select chain_id, 'remittance_advice', advice_no, known_on
    from staged.remittance_advices
    where known_on <= getvariable('day_until')
),

fee_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no order by known_on
        ) as known_until
    from fee_papers
),

unexplained_deductions as (
    select
        'unexplained_deduction' as reason, fees.chain_id,
        fees.paper_no || '#' || fees.line_no as document_no, cast(null as varchar) as order_no,
        fees.store_id, fees.store_id as ship_to_id, fees.stated_on as settled_on, fees.amount,
        if(fees.paper_kind = 'statement', 'statement ', 'advice ') || fees.paper_no || ' takes '
        || fees.amount || ' for '
        || coalesce(fees.fee_name, fees.fee_code, 'an unnamed fee')
        || ' without an agreement' as evidence,
        versions.known_on as starts_on, versions.known_until as ends_on,
        fees.file_id, fees.sheet, fees.row_no
    from matched.agreed_deductions as fees
    inner join fee_versions as versions using (chain_id, paper_kind, paper_no, known_on)
    where fees.agreement_id is null and fees.amount > 0
),

-- what a statement says of a receipt against the receipt, while its order is open
open_orders as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from matched.open_orders
    where
        known_on <= getvariable('day_until')
        and (chain_id, order_no) in (
            select (chain_id, order_no)
            from matched.open_orders
            where known_on <= getvariable('day_until') and misstated <> 0
        )
),

placements as (
    select
        placements.*,
        lead(placements.known_on, 1, date '9999-12-31') over (
            partition by placements.chain_id, placements.receipt_no, placements.order_no
            order by placements.known_on
        ) as known_until
    from matched.receipt_orders as placements
    semi join open_orders using (chain_id, order_no)
    where placements.known_on <= getvariable('day_until')
),

open_receipts as (
    select
        placements.chain_id, placements.receipt_no, open_orders.order_no, open_orders.ship_to_id,
        open_orders.settled_on,
        greatest(open_orders.known_on, placements.known_on) as starts_on,
        least(open_orders.known_until, placements.known_until) as ends_on
    from open_orders
    inner join placements
        on
            open_orders.chain_id = placements.chain_id
            and open_orders.order_no = placements.order_no
            and placements.known_on < open_orders.known_until
            and open_orders.known_on < placements.known_until
    where open_orders.is_open and placements.placed > 0
    union all
    select
        receipts.chain_id, receipts.receipt_no, null,
        min_by(receipts.store_id, receipts.known_on),
        min_by(receipts.receipt_date, receipts.known_on),
        min(receipts.known_on), coalesce(min(placements.known_on), date '9999-12-31')
    from staged.goods_receipts as receipts
    left join matched.receipt_orders as placements
        on
            receipts.chain_id = placements.chain_id
            and receipts.receipt_no = placements.receipt_no
            and placements.known_on <= getvariable('day_until')
    where receipts.known_on <= getvariable('day_until') and receipts.order_no is null
    group by receipts.chain_id, receipts.receipt_no
),

receipts as (
    select
        receipts.chain_id, receipts.receipt_no, receipts.amount, receipts.store_id,
        receipts.known_on,
        lead(receipts.known_on, 1, date '9999-12-31') over (
            partition by receipts.chain_id, receipts.receipt_no order by receipts.known_on
        ) as known_until
    from staged.goods_receipts as receipts
    semi join open_receipts using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

stated as (
    select
        goods.chain_id, goods.receipt_no, goods.statement_no, goods.amount, goods.known_on,
        goods.file_id, goods.sheet, goods.row_no,
        lead(goods.known_on, 1, date '9999-12-31') over (
            partition by goods.chain_id, goods.receipt_no, goods.statement_no
            order by goods.known_on
        ) as known_until
    from matched.stated_goods as goods
    semi join open_receipts using (chain_id, receipt_no)
    where goods.known_on <= getvariable('day_until')
),

differing_amounts as (
    select
        'statement_amount_differs' as reason, stated.chain_id,
        stated.statement_no || '/' || stated.receipt_no as document_no,
        open_receipts.order_no, receipts.store_id, open_receipts.ship_to_id,
        open_receipts.settled_on, stated.amount - receipts.amount as amount,
        'statement ' || stated.statement_no || ' says ' || stated.amount || ' for receipt '
        || stated.receipt_no || ', we have ' || receipts.amount as evidence,
        greatest(stated.known_on, receipts.known_on, open_receipts.starts_on) as starts_on,
        least(stated.known_until, receipts.known_until, open_receipts.ends_on) as ends_on,
        stated.file_id, stated.sheet, stated.row_no
    from stated
    inner join receipts using (chain_id, receipt_no)
    inner join open_receipts using (chain_id, receipt_no)
    where stated.amount <> 0
),

-- nearly all invoices that are listed are as we know them
listings as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no, invoice_no order by known_on
        ) as known_until
    from matched.listed_invoices
    semi join (
        select chain_id, statement_no, invoice_no
        from matched.listed_invoices
        where
            known_on <= getvariable('day_until')
            and verdict in ('unknown_invoice', 'ended', 'other_amount')
    ) as doubted using (chain_id, statement_no, invoice_no)
    where known_on <= getvariable('day_until')
),

listed_invoices as (
    select
        case listings.verdict
            when 'unknown_invoice' then 'on_statement_without_documents'
            else 'statement_amount_differs'
        end as reason,
        listings.chain_id,
        listings.statement_no || '#' || listings.invoice_no as document_no,
        cast(null as varchar) as order_no,
        coalesce(statement_days.party_id, 'unknown:' || listings.chain_id) as store_id,
        statement_days.party_id as ship_to_id, listings.known_on as settled_on,
        case listings.verdict
            when 'other_amount' then listings.listed - listings.billed
            else listings.listed
        end as amount,
        'statement ' || listings.statement_no || ' lists invoice ' || listings.invoice_no
        || ' over ' || listings.listed
        || case listings.verdict
            when 'unknown_invoice' then ', which we do not have'
            when 'ended' then ', which is void or reversed'
            else ', it is over ' || listings.billed
        end as evidence,
        listings.known_on as starts_on, listings.known_until as ends_on,
        listings.file_id, listings.sheet, listings.row_no
    from listings
    left join (
        select chain_id, statement_no, min_by(party_id, known_on) as party_id
        from statement_days
        semi join listings using (chain_id, statement_no)
        group by chain_id, statement_no
    ) as statement_days using (chain_id, statement_no)
    where
        listings.verdict in ('unknown_invoice', 'ended', 'other_amount')
        and listings.known_until > getvariable('day_from')
),

conditions as (
    select * from without_documents
    union all
    select * from listed_invoices
    union all
    select * from differing_amounts
    union all
    select * from unexplained_deductions
),

spells as (
    select * from conditions where amount <> 0 and starts_on < ends_on
),

marked as (
    select
        *,
        lag(ends_on) over paper is distinct from starts_on as is_new
    from spells
    window paper as (
        partition by reason, chain_id, document_no order by starts_on
    )
),

opened as (
    select
        *,
        max(case when is_new then starts_on end) over (
            partition by reason, chain_id, document_no order by starts_on
        ) as opened_on
    from marked
),

final as (
    select
        days.as_of, opened.reason, opened.chain_id, opened.document_no,
        opened.order_no, opened.store_id, opened.ship_to_id, opened.settled_on,
        cast(opened.amount as decimal(18, 2)) as amount, opened.opened_on, opened.evidence,
        opened.file_id, opened.sheet, opened.row_no
    from opened
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= opened.starts_on and days.as_of < opened.ends_on
)

select * from final
