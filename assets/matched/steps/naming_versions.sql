-- One row per version of a paper, number that it names (chain_id, paper_kind, paper_no, names_kind,
-- named_no) and time from `known_on` until before `known_until` for which it held: the papers that
-- name something of which another paper than the one under the very number may be meant. One that
-- names none has the empty number.

with in_question as (
    select distinct
        chain_id, paper_kind, names_kind, paper_no,
        regexp_replace(paper_no, '#\d+$', '') as document_no
    from matched.candidates
    where known_on <= getvariable('day_until') and rule not in ('exact', 'upheld')
),

-- what the versions of the naming papers name; one that names none has the empty number
naming as (
    select
        papers.chain_id, 'delivery' as paper_kind, papers.delivery_no as document_no,
        papers.delivery_no as paper_no, 'order' as names_kind,
        coalesce(papers.order_no, '') as named_no,
        papers.amount, papers.known_on, papers.file_id, papers.sheet, papers.row_no
    from staged.deliveries as papers
    semi join (
        select chain_id, paper_no as delivery_no from in_question where paper_kind = 'delivery'
    ) as wanted using (chain_id, delivery_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select
        papers.chain_id, 'goods_receipt', papers.receipt_no, papers.receipt_no,
        unnest(['order', 'delivery']),
        unnest([coalesce(papers.order_no, ''), coalesce(papers.delivery_no, '')]),
        papers.amount, papers.known_on, papers.file_id, papers.sheet, papers.row_no
    from staged.goods_receipts as papers
    semi join (
        select chain_id, paper_no as receipt_no from in_question where paper_kind = 'goods_receipt'
    ) as wanted using (chain_id, receipt_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select
        papers.chain_id, 'application', papers.application_no,
        papers.application_no || '#' || papers.line_no, 'goods_receipt',
        coalesce(papers.receipt_no, ''),
        papers.amount, papers.known_on, papers.file_id, papers.sheet, papers.row_no
    from staged.invoice_applications as papers
    semi join (
        select document_no as application_no from in_question where paper_kind = 'application'
    ) as wanted using (application_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select
        papers.chain_id, 'statement', papers.statement_no,
        papers.statement_no || '#' || papers.line_no, 'goods_receipt', papers.receipt_no,
        papers.amount, papers.known_on, papers.file_id, papers.sheet, papers.row_no
    from staged.statement_lines as papers
    semi join (
        select chain_id, document_no as statement_no
        from in_question
        where paper_kind = 'statement'
    ) as wanted using (chain_id, statement_no)
    where papers.known_on <= getvariable('day_until')
),

-- a version of a document replaces all its rows
document_days as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, document_no order by known_on
        ) as known_until
    from (select distinct chain_id, paper_kind, document_no, known_on from naming)
),

final as (
    select naming.*, document_days.known_until
    from naming
    inner join document_days using (chain_id, paper_kind, document_no, known_on)
)

select * from final
