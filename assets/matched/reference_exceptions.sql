-- One row per paper that names a paper we do not have, or none where it should (chain_id,
-- document_no), and day (as_of) on which other papers may be meant, with since when that is so
-- without interruption: a person must say which.

with suspects as (
    select
        as_of, chain_id, to_kind as paper_kind, to_no as paper_no, from_kind as names_kind,
        from_no as candidate_no, named_no, amount, score, file_id, sheet, row_no
    from matched.suspected_matches
    where as_of between getvariable('day_from') and getvariable('day_until')
),

-- what one reference may mean, the likeliest first (of equal ones the smaller number)
questions as (
    select
        as_of, chain_id, paper_kind, paper_no, names_kind,
        'names '
        || case
            when max(named_no) = '' then 'no ' || replace(names_kind, '_', ' ')
            else
                replace(names_kind, '_', ' ') || ' ' || max(named_no) || ', which we do not have'
        end
        || '; likely '
        || string_agg(
            candidate_no || ' (' || score || ')', ', ' order by score desc, candidate_no
        )
        as question,
        case when names_kind = 'order' then nullif(max(named_no), '') end as order_no,
        max(amount) as amount,
        min_by(
            {'file_id': file_id, 'sheet': sheet, 'row_no': row_no},
            {'score': -score, 'no': candidate_no}
        ) as place
    from suspects
    group by as_of, chain_id, paper_kind, paper_no, names_kind
),

-- one for a paper, whatever it names in vain
daily as (
    select
        as_of, chain_id, paper_kind, paper_no,
        case paper_kind when 'goods_receipt' then 'receipt' else paper_kind end || ' ' || paper_no
        as document_no,
        string_agg(question, '; ' order by names_kind) as questions,
        max(order_no) as order_no, max(amount) as amount, min_by(place, names_kind) as place
    from questions
    group by as_of, chain_id, paper_kind, paper_no
),

-- the days on which there was a question about the paper, from the first
question_days as (
    select distinct suspects.chain_id, daily.document_no, suspects.as_of
    from matched.suspected_matches as suspects
    inner join (
        select distinct chain_id, paper_kind, paper_no, document_no from daily
    ) as daily
        on
            suspects.chain_id = daily.chain_id
            and suspects.to_kind = daily.paper_kind
            and suspects.to_no = daily.paper_no
    where suspects.as_of <= getvariable('day_until')
),

marked as (
    select
        *,
        lag(as_of) over (partition by chain_id, document_no order by as_of)
        is distinct from as_of - 1 as is_new
    from question_days
),

stretches as (
    select
        *,
        max(case when is_new then as_of end) over (
            partition by chain_id, document_no order by as_of
        ) as opened_on
    from marked
),

opened as (
    select daily.*, stretches.opened_on
    from daily
    inner join stretches using (as_of, chain_id, document_no)
),

-- the store of the version that is known on the day
papers as (
    select 'delivery' as paper_kind, chain_id, delivery_no as paper_no, known_on, store_id,
        delivery_date as dated_on
    from staged.deliveries
    semi join (
        select chain_id, paper_no as delivery_no from daily where paper_kind = 'delivery'
    ) as wanted using (chain_id, delivery_no)
    union all
    select 'goods_receipt', chain_id, receipt_no, known_on, store_id, receipt_date
    from staged.goods_receipts
    semi join (
        select chain_id, paper_no as receipt_no from daily where paper_kind = 'goods_receipt'
    ) as wanted using (chain_id, receipt_no)
    union all
    select 'application', chain_id, application_no || '#' || line_no, known_on, store_id, applied_on
    from staged.invoice_applications
    semi join (
        select regexp_replace(paper_no, '#\d+$', '') as application_no
        from daily
        where paper_kind = 'application'
    ) as wanted using (application_no)
    union all
    select 'statement', chain_id, statement_no || '#' || line_no, known_on, store_id, document_date
    from staged.statement_lines
    semi join (
        select chain_id, regexp_replace(paper_no, '#\d+$', '') as statement_no
        from daily
        where paper_kind = 'statement'
    ) as wanted using (chain_id, statement_no)
),

final as (
    select
        opened.as_of, 'suspected_match' as reason, opened.chain_id, opened.document_no,
        max(opened.order_no) as order_no,
        coalesce(max_by(papers.store_id, papers.known_on), 'unknown:' || opened.chain_id)
            as store_id,
        coalesce(max_by(papers.dated_on, papers.known_on), max(opened.opened_on)) as settled_on,
        cast(max(opened.amount) as decimal(18, 2)) as amount,
        cast(max(opened.opened_on) as date) as opened_on,
        opened.document_no || ' ' || max(opened.questions) as evidence,
        max(opened.place).file_id as file_id, max(opened.place).sheet as sheet,
        max(opened.place).row_no as row_no
    from opened
    left join papers
        on
            opened.chain_id = papers.chain_id
            and opened.paper_kind = papers.paper_kind
            and opened.paper_no = papers.paper_no
            and opened.as_of >= papers.known_on
    where opened.amount <> 0
    group by opened.as_of, opened.chain_id, opened.document_no
)

select * from final
