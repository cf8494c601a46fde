-- One row per pair of papers (chain_id, from, to, rule) and day on which their link was made,
-- changed or undone. A row with `undone_on` says that the link holds no longer; the latest row of
-- a pair counts. `amount` is what the link explains. A link is known when the later paper is.
-- A link by a number that the paper does not bear as it stands is inferred, and named by the rule
-- that resolved the number.

-- rows of applications and statements whose receipt number was resolved
with inferred_rows as (
    select
        chain_id, paper_kind, regexp_replace(paper_no, '#\d+$', '') as document_no,
        resolved_no as receipt_no, min(known_on) as known_on,
        min_by(evidence, {'on': known_on, 'no': paper_no}) as evidence
    from matched.resolutions
    where
        known_on <= getvariable('day_until')
        and names_kind = 'goods_receipt' and resolved_no is not null
    group by chain_id, paper_kind, document_no, resolved_no
),

invoiced as (
    select
        goods.known_on, goods.chain_id, 'goods_receipt' as from_kind, goods.receipt_no,
        'invoice' as to_kind, goods.invoice_no, goods.amount, goods.rule,
        rows.evidence is not null as is_inferred,
        goods.evidence || coalesce('; ' || rows.evidence, '') as evidence,
        case when goods.amount = 0 then goods.known_on end as undone_on,
        goods.file_id, goods.sheet, goods.row_no
    from matched.applied_goods as goods
    left join inferred_rows as rows
        on
            goods.chain_id = rows.chain_id
            and goods.application_no = rows.document_no
            and goods.receipt_no = rows.receipt_no
            and rows.paper_kind = 'application'
            and goods.known_on >= rows.known_on
    where goods.known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select
        known_on, chain_id, 'goods_receipt', receipt_no, 'invoice', invoice_no, amount, rule,
        is_inferred, evidence, case when amount = 0 then known_on end, file_id, sheet, row_no
    from (
        select * from matched.remark_goods
        union all by name
        select * from matched.summed_goods
    )
    where known_on between getvariable('day_from') and getvariable('day_until')
),

stated as (
    select
        goods.known_on, goods.chain_id, 'goods_receipt' as from_kind, goods.receipt_no,
        'statement' as to_kind, goods.statement_no, goods.amount,
        'statement_names_receipt' as rule, rows.evidence is not null as is_inferred,
        case
            when goods.amount = 0
                then 'a later version of the statement no longer lists the receipt'
            else 'the statement lists the receipt'
        end || coalesce('; ' || rows.evidence, '') as evidence,
        case when goods.amount = 0 then goods.known_on end as undone_on,
        goods.file_id, goods.sheet, goods.row_no
    from matched.stated_goods as goods
    left join inferred_rows as rows
        on
            goods.chain_id = rows.chain_id
            and goods.statement_no = rows.document_no
            and goods.receipt_no = rows.receipt_no
            and rows.paper_kind = 'statement'
            and goods.known_on >= rows.known_on
    where goods.known_on between getvariable('day_from') and getvariable('day_until')
),

-- what a statement says of an invoice confirms or contradicts what ties the invoice to its goods
listed as (
    select
        known_on, chain_id, 'invoice' as from_kind, invoice_no, 'statement' as to_kind,
        statement_no, listed as amount, 'statement_lists_invoice' as rule, false as is_inferred,
        case verdict
            when 'unlisted' then 'a later list of the statement leaves the invoice out'
            when 'confirmed' then 'the statement lists the invoice and the goods that it bills'
            when 'in_part'
                then 'the statement lists the invoice, but only ' || stated || ' of the goods over '
                    || explained || ' that it bills'
            when 'other_goods'
                then 'the statement lists the invoice, but none of the goods that it bills'
            when 'without_goods'
                then 'the statement lists the invoice, of which we know no goods that it bills'
            when 'ended' then 'the statement lists the invoice, but it is void or reversed'
            else 'the statement lists the invoice over ' || listed || ', but it is over ' || billed
        end as evidence,
        case when verdict = 'unlisted' then known_on end as undone_on, file_id, sheet, row_no
    from matched.listed_invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and verdict not in ('unknown_invoice', 'opening_item')
        and (
            verdict <> 'unlisted'
            or verdict_before not in ('unknown_invoice', 'opening_item')
        )
),

paid as (
    select
        known_on, chain_id, reference_kind as from_kind, reference_no, 'bank_receipt' as to_kind,
        transaction_no, sum(amount) as amount, rule, false as is_inferred,
        min(evidence) as evidence,
        cast(null as date) as undone_on,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from matched.payment_claims
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, reference_kind, reference_no, transaction_no, rule
),

events as (
    select * from matched.steps.numbered_links
    union all
    select * from invoiced
    union all
    select * from stated
    union all
    select * from listed
    union all
    select * from paid
),

final as (
    select
        known_on, chain_id, from_kind, from_no, to_kind, to_no,
        cast(amount as decimal(18, 2)) as amount,
        rule, is_inferred, evidence, undone_on, file_id, sheet, row_no
    from events
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
