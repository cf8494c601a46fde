"""What `matched.cash_answers` reads: payments in question, and the papers that they may be for."""

from assets.cash_units import UNITS

POLICY = "select getvariable('policy').cash as cash"

# $1 payments are asked about from this day on, $2 first and $3 last day of the window. Payments
# that name their papers from the start are left alone, unless somebody decided on them or a
# payment that went back may be theirs.
PAYMENTS = """
    with receipts as (
        select
            account_no, transaction_no, known_on, received_on, amount, payer_id, payer_name,
            chain_id, memo, file_id, sheet, row_no
        from staged.bank_receipts
        where known_on <= $3
        qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
    ),

    named as (
        select account_no, transaction_no, min(known_on) as named_on
        from matched.payment_references
        where known_on <= $3
        group by account_no, transaction_no
    ),

    decided as (
        select distinct split_part(subject_id, '/', -1) as transaction_no, subject_id
        from staged.decisions
        where subject_kind = 'cash' and known_on between $1 and $3
    ),

    targets as (
        select distinct trim(unnest(string_split(target_id, ';'))) as transaction_no
        from staged.decisions
        where subject_kind = 'cash' and target_id is not null and known_on between $1 and $3
    ),

    went_back as (
        select distinct account_no, payer_name, -amount as amount
        from receipts
        where amount < 0 and known_on >= $1
    ),

    named_back as (
        select unnest(regexp_extract_all(upper(memo), '[0-9A-Z][0-9A-Z_/-]*[0-9A-Z]')) as word
        from receipts
        where amount < 0 and known_on >= $1
    ),

    wanted as (
        select account_no, transaction_no
        from receipts
        left join named using (account_no, transaction_no)
        where receipts.known_on >= $1 and coalesce(named_on, date '9999-12-31') > receipts.known_on
        union
        select account_no, transaction_no
        from named
        inner join receipts using (account_no, transaction_no)
        where named_on >= $2 and named_on > receipts.known_on
        union
        select receipts.account_no, receipts.transaction_no
        from receipts
        inner join decided
            on
                receipts.transaction_no = decided.transaction_no
                and decided.subject_id
                in (receipts.transaction_no, receipts.account_no || '/' || receipts.transaction_no)
        union
        select account_no, transaction_no
        from receipts
        semi join targets using (transaction_no)
        union
        select account_no, transaction_no
        from receipts
        semi join went_back using (account_no, payer_name, amount)
        union
        select account_no, transaction_no
        from receipts
        semi join named_back on upper(receipts.transaction_no) = named_back.word
        union
        select account_no, transaction_no
        from receipts
        where list_contains($4, account_no || '/' || transaction_no)
    )

    select receipts.*, named.named_on
    from receipts
    semi join wanted using (account_no, transaction_no)
    left join named using (account_no, transaction_no)
    where receipts.amount <> 0
    order by receipts.transaction_no, receipts.account_no
"""

# Payments that cleared by their amount what another payment names in the window ($1 to $2).
OUTRANKED = """
    with named_claims as (
        from matched.payment_claims
        union all by name
        from matched.followed_claims
    ),

    claims as (
        select account_no, transaction_no, chain_id, unnest(claims) as claim
        from matched.cash_answers
        where known_on < $1 and is_replacing and not is_decision
    )

    select distinct claims.account_no || '/' || claims.transaction_no as payment
    from claims
    inner join named_claims as named
        on
            claims.chain_id = named.chain_id
            and claims.claim.unit_kind = named.unit_kind
            and claims.claim.unit_no = named.unit_no
    where named.known_on between $1 and $2
"""

DECISIONS = """
    select known_on, subject_id, decision, target_id, decided_by, decided_on
    from staged.decisions
    where subject_kind = 'cash' and known_on <= $1
    order by known_on, decided_on, subject_id
"""

# $1 numbers that people gave for the payment of a stranger
# Of the papers and customers $1 that were known by $2: since when, and of which chain.
CHAIN_OF_TARGETS = """
    with targets as (select unnest($1) as target)

    select target, chain_id, min(known_on) as known_on
    from (
        select target, chain_id, known_on from staged.customers
        inner join targets on customers.customer_id = targets.target
        union all
        select target, chain_id, known_on from staged.statements
        inner join targets on statements.statement_no = targets.target
        union all
        select target, chain_id, known_on from staged.goods_receipts
        inner join targets on goods_receipts.receipt_no = targets.target
        union all
        select target, chain_id, known_on from staged.invoices
        inner join targets on invoices.invoice_no = targets.target
        union all
        select target, chain_id, known_on from staged.opening_items
        inner join targets
            on opening_items.item_id = targets.target or opening_items.document_no = targets.target
    )
    where chain_id is not null and known_on <= $2
    group by target, chain_id
"""

TERMS = """
    select known_on, store_id, valid_from, valid_to, debtor_id, cash_policy
    from staged.store_terms
    where chain_id = $1 and known_on <= $2 and category is null
    order by store_id, known_on, valid_from
"""

HEAD_OFFICES = """
    select customer_id, min_by(head_office_id, known_on) as head_office_id
    from staged.customers
    where chain_id = $1 and known_on <= $2 and head_office_id is not null
    group by customer_id
"""

# $1 first day of the window, $2 chain, $3 payments as account/transaction
EARLIER_ANSWERS = """
    select *
    from matched.cash_answers
    where
        known_on < $1
        and (
            coalesce(chain_id, '') = $2 and is_replacing
            or list_contains($3, account_no || '/' || transaction_no)
        )
    order by known_on, transaction_no, account_no
"""

# Statements of a chain ($1) known by $2 with receipts among $3, of the nets $4, or named ($5).
STATEMENTS = """
    with wanted as (
        select statement_no
        from matched.resolved_statement_lines
        where chain_id = $1 and known_on <= $2 and receipt_no in (select unnest($3))
        union
        select statement_no
        from staged.statements
        where chain_id = $1 and known_on <= $2 and amount in (select unnest($4))
        union
        select unnest($5)
    ),

    parties as (
        select statement_no, known_on, party_id, period_end
        from staged.statements
        semi join wanted using (statement_no)
        where chain_id = $1 and known_on <= $2
    )

    select
        lines.known_on, lines.statement_no, lines.line_no, lines.line_kind, lines.receipt_no,
        lines.document_date, lines.store_id, lines.amount, parties.party_id, parties.period_end
    from matched.resolved_statement_lines as lines
    inner join parties
        on lines.statement_no = parties.statement_no and lines.came_on = parties.known_on
    where
        lines.chain_id = $1
        and lines.known_on <= $2
        and not (
            lines.line_kind = 'deduction'
            and coalesce(lines.deduction_kind, '') = 'paid_separately'
        )
"""

# Nets of the statements of a chain ($1) known by $2, where any is one of the amounts $3; those that
# a payment names are paid from the day `named_on` on.
NETS = """
    with known as (
        select statement_no, known_on, amount
        from staged.statements
        where chain_id = $1 and known_on <= $2
    ),

    named as (
        select base_no as statement_no, min(known_on) as named_on
        from matched.payment_references
        where chain_id = $1 and known_on <= $2 and base_kind = 'statement'
        group by base_no
    )

    select known.statement_no, known.known_on, known.amount, named.named_on
    from known
    left join named using (statement_no)
    where exists (select 1 from known where amount in (select unnest($3)))
    order by known.known_on, known.statement_no
"""

PARTS = """
    select known_on, receipt_no, invoice_no, amount, issued_on
    from matched.invoiced_goods
    where chain_id = $1 and known_on <= $2 and receipt_no in (select unnest($3))
"""

# Claims on the units $3, or of the payments $4, by reference.
NAMED_CLAIMS = """
    select known_on, account_no, transaction_no, budget_no, unit_kind, unit_no, amount
    from (
        from matched.payment_claims
        union all by name
        from matched.followed_claims
    )
    where
        chain_id = $1
        and known_on <= $2
        and (
            unit_no in (select unnest($3))
            or list_contains($4, account_no || '/' || transaction_no)
        )
"""

ALL = (
    PAYMENTS, OUTRANKED, DECISIONS, CHAIN_OF_TARGETS, TERMS, HEAD_OFFICES, EARLIER_ANSWERS, UNITS,
    STATEMENTS, NETS, PARTS, NAMED_CLAIMS,
)  # fmt: skip
