-- One row per payment, budget and line of a statement that the payment names, and what the line
-- claims. Goods whose number said nothing when the payment came are claimed as what they are found
-- to mean (`meant_no`, from `meant_on` on).
-- Takes `understood`, `bases` and `takers`.

with statement_days as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until
    from (
        select chain_id, statement_no, known_on from staged.statements
        union
        select chain_id, statement_no, known_on
        from matched.resolved_statement_lines
        where known_on > came_on
    )
    where known_on <= getvariable('day_until')
),

-- the version of the statement that was known when the payment could be placed stays the basis
from_statements as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, bases.base_kind, bases.base_no,
        case
            when lines.line_kind in ('receipt', 'return') and lines.receipt_no is not null
                then 'goods_receipt'
            when lines.line_kind = 'deduction' then 'deduction'
            else 'adjustment'
        end as unit_kind,
        case
            when lines.line_kind in ('receipt', 'return') and lines.receipt_no is not null
                then lines.receipt_no
            else lines.statement_no || '#' || cast(lines.line_no as varchar)
        end as unit_no,
        lines.document_date as document_on,
        lines.amount, lines.chain_id, bases.known_on as base_known_on,
        case
            when
                lines.line_kind in ('receipt', 'return') and lines.amount > 0
                and lines.receipt_no = lines.receipt_no_as_sent
                then lines.statement_no || '#' || cast(lines.line_no as varchar)
        end as waiting_line
    from bases
    inner join statement_days
        on
            bases.chain_id = statement_days.chain_id
            and bases.base_no = statement_days.statement_no
            and bases.known_on >= statement_days.known_on
            and bases.known_on < statement_days.known_until
    inner join matched.resolved_statement_lines as lines
        on
            statement_days.chain_id = lines.chain_id
            and statement_days.statement_no = lines.statement_no
            and statement_days.known_on = lines.known_on
    left join takers
        on
            bases.chain_id = takers.chain_id
            and bases.base_kind = takers.base_kind
            and bases.base_no = takers.base_no
            and bases.account_no = takers.account_no
            and bases.transaction_no = takers.transaction_no
    where
        bases.base_kind = 'statement'
        and (lines.amount > 0 or takers.transaction_no is not null)
        and not (
            lines.line_kind = 'deduction'
            and coalesce(lines.deduction_kind, '') = 'paid_separately'
        )
),

-- goods whose number said nothing when the payment came are what it is found to mean later
final as (
    select
        from_statements.* exclude (chain_id, base_known_on, waiting_line),
        understood.resolved_no as meant_no, understood.known_on as meant_on
    from from_statements
    left join understood
        on
            from_statements.chain_id = understood.chain_id
            and from_statements.waiting_line = understood.paper_no
            and from_statements.unit_no = understood.named_no
            and from_statements.base_known_on < understood.known_on
)

select * from final
