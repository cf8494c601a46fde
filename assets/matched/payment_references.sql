-- One row per bank receipt and paper it pays (transaction_no, base_kind, base_no, budget_no) and
-- day on which both are known. A paper is named by a whole word of the memo: advice numbers come
-- first, then statement numbers, then invoice numbers; an advice stands for the papers it lists.
-- `budget` is what the payment grants the paper: the advice line's amount, else the whole payment.

with payments as (
    select
        account_no, transaction_no, known_on, received_on, amount, chain_id, memo,
        file_id, sheet, row_no
    from staged.bank_receipts
    where known_on <= getvariable('day_until') and amount > 0
    -- a later version of a bank line does not pay again
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

words as (
    select distinct
        account_no, transaction_no,
        unnest(regexp_extract_all(upper(memo), '[0-9A-Z][0-9A-Z_/\-]*[0-9A-Z]')) as word
    from payments
),

advices as (
    select chain_id, upper(advice_no) as word, advice_no, min(known_on) as known_on
    from staged.remittance_advices
    where known_on <= getvariable('day_until')
    group by chain_id, advice_no
),

statements as (
    select chain_id, upper(statement_no) as word, statement_no, min(known_on) as known_on
    from staged.statements
    where known_on <= getvariable('day_until')
    group by chain_id, statement_no
),

opening_items as (
    select chain_id, upper(document_no) as word, item_id, min(known_on) as known_on
    from staged.opening_items
    where known_on <= getvariable('day_until')
    group by chain_id, document_no, item_id
),

advice_versions as (
    select
        chain_id, advice_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, advice_no order by known_on
        ) as known_until
    from (
        select distinct chain_id, advice_no, known_on
        from staged.remittance_advices
        where known_on <= getvariable('day_until')
    )
),

-- an advice may name an invoice by the end of its number, before the invoice is known
resolutions as (
    select chain_id, paper_no as advice_no, given_no, invoice_no
    from staged.number_resolutions
    where
        paper_kind = 'remittance_advice'
        and verdict = 'resolved'
        and known_on <= getvariable('day_until')
),

wanted_invoices as (
    select word as invoice_no from words
    union
    select invoice_no from staged.remittance_advices where invoice_no is not null
    union
    select invoice_no from resolutions
),

invoices as (
    select
        invoices.invoice_no, min(invoices.known_on) as known_on,
        min_by(invoices.chain_id, invoices.known_on) as chain_id
    from staged.invoices
    semi join wanted_invoices using (invoice_no)
    where invoices.known_on <= getvariable('day_until')
    group by invoices.invoice_no
),

named_papers as (
    select 1 as rank, 'advice' as kind, chain_id, word, advice_no as no, known_on from advices
    union all
    select 2, 'statement', chain_id, word, statement_no, known_on from statements
    union all
    select 3, 'invoice', chain_id, invoice_no, invoice_no, known_on from invoices
    union all
    select 3, 'opening_item', chain_id, word, item_id, known_on from opening_items
),

-- a payer who is known pays the papers of its own chain only
named as (
    select
        payments.account_no, payments.transaction_no, papers.rank, papers.kind, papers.chain_id,
        papers.no, greatest(payments.known_on, papers.known_on) as active_on
    from payments
    inner join words using (account_no, transaction_no)
    inner join named_papers as papers
        on
            words.word = papers.word
            and (
                payments.chain_id is null
                or papers.chain_id is null
                or payments.chain_id = papers.chain_id
            )
),

-- the strongest evidence of the first day that has any decides, and stays
decided as (
    select * from named
    qualify
        rank = first_value(rank) over (
            partition by account_no, transaction_no order by active_on, rank, no
        )
),

direct as (
    select
        decided.account_no, decided.transaction_no, decided.chain_id,
        decided.kind as reference_kind, decided.no as reference_no,
        decided.kind as base_kind, decided.no as base_no,
        'payment' as budget_no, payments.amount as budget, decided.active_on,
        case when decided.kind = 'statement' then 'statement_no' else 'invoice_no' end as rule
    from decided
    inner join payments using (account_no, transaction_no)
    where decided.kind <> 'advice'
),

advice_lines as (
    select
        decided.account_no, decided.transaction_no, decided.chain_id, decided.no as advice_no,
        decided.active_on, lines.line_no, lines.statement_no,
        coalesce(resolutions.invoice_no, lines.invoice_no) as invoice_no, lines.fee_code,
        lines.amount
    from decided
    inner join advice_versions
        on
            decided.chain_id = advice_versions.chain_id
            and decided.no = advice_versions.advice_no
            and decided.active_on >= advice_versions.known_on
            and decided.active_on < advice_versions.known_until
    inner join staged.remittance_advices as lines
        on
            advice_versions.chain_id = lines.chain_id
            and advice_versions.advice_no = lines.advice_no
            and advice_versions.known_on = lines.known_on
    left join resolutions
        on
            lines.chain_id = resolutions.chain_id
            and lines.advice_no = resolutions.advice_no
            and lines.invoice_no = resolutions.given_no
    where decided.kind = 'advice'
),

advised as (
    select
        lines.account_no, lines.transaction_no, lines.chain_id,
        'advice' as reference_kind, lines.advice_no as reference_no,
        case
            when lines.fee_code is not null then 'deduction'
            when lines.invoice_no is not null then 'invoice'
            when lines.statement_no is not null then 'statement'
        end as base_kind,
        case
            when lines.fee_code is not null
                then lines.advice_no || '#' || cast(lines.line_no as varchar)
            else coalesce(lines.invoice_no, lines.statement_no)
        end as base_no,
        lpad(cast(lines.line_no as varchar), 6, '0') as budget_no,
        lines.amount as budget,
        -- a fee is taken with the advice, whatever statement it is for
        case
            when lines.fee_code is not null then lines.active_on
            else greatest(lines.active_on, invoices.known_on, statements.known_on)
        end as active_on,
        'advice' as rule,
        lines.fee_code is null and lines.invoice_no is not null and invoices.invoice_no is null
        or lines.fee_code is null and lines.invoice_no is null
        and statements.statement_no is null as is_waiting
    from advice_lines as lines
    left join invoices on lines.invoice_no = invoices.invoice_no
    left join statements
        on lines.chain_id = statements.chain_id and lines.statement_no = statements.statement_no
),

bases as (
    select * from direct
    union all
    select * exclude (is_waiting) from advised where not is_waiting
),

final as (
    select
        bases.active_on as known_on, payments.account_no, payments.transaction_no, bases.chain_id,
        payments.received_on, payments.amount as paid_amount,
        bases.reference_kind, bases.reference_no, bases.base_kind, bases.base_no,
        bases.budget_no, cast(bases.budget as decimal(18, 2)) as budget, bases.rule,
        payments.file_id, payments.sheet, payments.row_no
    from bases
    inner join payments using (account_no, transaction_no)
    where bases.active_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
