-- One row per statement (chain_id, statement_no) and day a version became known: who owes by it.
-- A head office that is the party of its statement owes; for a branch the terms of the branch at
-- the end of the period decide. A statement without a known party is owed by the debtor of the
-- store that most of its lines name (of equals the smaller id).

with statements as (
    select *
    from staged.statements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

line_stores as (
    select known_on, chain_id, statement_no, store_id
    from staged.statement_lines
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and store_id is not null
    group by known_on, chain_id, statement_no, store_id
    qualify row_number() over (
        partition by known_on, chain_id, statement_no order by count(*) desc, store_id
    ) = 1
),

customers as (
    select * from staged.steps.customer_versions
),

store_terms as (
    select * from staged.steps.store_term_versions
    where category is null
),

final as (
    select
        statements.known_on, statements.chain_id, statements.statement_no,
        coalesce(statements.party_id, line_stores.store_id) as party_id,
        coalesce(
            case when customers.level = 'head_office' then statements.party_id end,
            terms.debtor_id,
            statements.party_id, line_stores.store_id,
            'unknown:' || statements.chain_id
        ) as debtor_id,
        coalesce(statements.period_end, statements.known_on) as stated_on,
        statements.file_id, statements.sheet, statements.row_no
    from statements
    left join line_stores using (known_on, chain_id, statement_no)
    left join customers
        on
            statements.party_id = customers.customer_id
            and statements.known_on >= customers.known_from
            and statements.known_on < customers.known_until
    left join store_terms as terms
        on
            statements.chain_id = terms.chain_id
            and coalesce(statements.party_id, line_stores.store_id) = terms.store_id
            and statements.known_on >= terms.known_from
            and statements.known_on < terms.known_until
            and coalesce(statements.period_end, statements.known_on)
            between terms.valid_from and terms.valid_to
)

select * from final
