-- One row per payment, budget and line of a statement that the payment names, and what the line
-- claims. Goods whose number said nothing when the payment came are claimed as what they are found
-- to mean (`meant_no`, from `meant_on` on).
-- Takes `payment_references`, `understood` and `bases`.

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

-- of several payments that name a statement the first takes its returns and deductions
first_payers as (
    select
        chain_id, base_no,
        min({
            'known_on': known_on, 'transaction_no': transaction_no, 'account_no': account_no
        }) as first_payer
    from payment_references
    semi join (
        select chain_id, base_no from bases where base_kind = 'statement'
    ) as named using (chain_id, base_no)
    where base_kind = 'statement'
    group by chain_id, base_no
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
    inner join first_payers
        on bases.chain_id = first_payers.chain_id and bases.base_no = first_payers.base_no
    where
        bases.base_kind = 'statement'
        and (
            lines.amount > 0
            or bases.transaction_no = first_payers.first_payer.transaction_no
            and bases.account_no = first_payers.first_payer.account_no
        )
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
