-- One row per closed day and open exception (as_of, exception_id): what is stuck or contradictory,
-- why, since when, how much, whose move it is and what to do. The identity is the reason and the
-- paper it concerns, so it is the same exception from its first day to its last. What people decided
-- outranks the rules: an accepted or written off exception is not listed while it is worth what it
-- was worth then, a disputed one says so, an assigned one has that owner; when its amount is another than the one that
-- was decided on, it is listed again and says why.

with of_orders as (
    select
        as_of, chain_id, order_no, order_no as document_no, store_id, ship_to_id, category,
        settled_on, reason, amount, opened_on, evidence, file_id, sheet, row_no
    from matched.order_exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
),

of_invoices as (
    select
        as_of, chain_id, order_no, invoice_no as document_no, store_id, ship_to_id, category,
        settled_on, reason, amount, opened_on, evidence, file_id, sheet, row_no
    from matched.invoice_exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
),

of_statements as (
    select
        as_of, chain_id, order_no, document_no, store_id, ship_to_id,
        cast(null as varchar) as category, settled_on, reason, amount, opened_on, evidence,
        file_id, sheet, row_no
    from matched.statement_exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
),

of_papers as (
    select
        as_of, chain_id, order_no, document_no, store_id, store_id as ship_to_id,
        cast(null as varchar) as category, settled_on, reason, amount, opened_on, evidence,
        file_id, sheet, row_no
    from (
        select * from matched.paper_exceptions
        union all by name
        select * from matched.reference_exceptions
    )
    where as_of between getvariable('day_from') and getvariable('day_until')
),

-- a copy is told on the day on which it comes: it was set aside, so nothing hangs on it
of_copies as (
    select
        known_on as as_of, chain_id, order_no, document_kind || ' ' || document_no as document_no,
        store_id, store_id as ship_to_id, cast(null as varchar) as category,
        coalesce(dated_on, known_on) as settled_on, 'duplicate_document' as reason, amount,
        known_on as opened_on,
        document_kind || ' ' || document_no || ' came again with the same content' as evidence,
        file_id, sheet, row_no
    from matched.duplicate_documents
    where known_on between getvariable('day_from') and getvariable('day_until') and amount <> 0
),

raised as (
    select * from of_orders
    union all
    select * from of_invoices
    union all
    select * from of_statements
    union all
    select * from of_papers
    union all
    select * from of_copies
),

terms as (
    select * from staged.steps.store_term_versions
    where known_until > getvariable('day_from')
),

customers as (
    select * from staged.steps.customer_versions
),

-- without an agreement the papers of an order may name another debtor than the terms do
inferred as (
    select
        chain_id, order_no, debtor_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from matched.inferred_debtors
    where known_on <= getvariable('day_until')
),

-- terms for the goods' category come before those for every other category
with_debtor as (
    select
        raised.*,
        coalesce(
            inferred.debtor_id, of_category.debtor_id, of_store.debtor_id, raised.ship_to_id,
            raised.store_id
        ) as debtor_id
    from raised
    left join inferred
        on
            raised.chain_id = inferred.chain_id
            and raised.order_no = inferred.order_no
            and raised.as_of >= inferred.known_on
            and raised.as_of < inferred.known_until
    left join terms as of_category
        on
            raised.chain_id = of_category.chain_id
            and raised.ship_to_id = of_category.store_id
            and raised.category = of_category.category
            and raised.as_of >= of_category.known_from
            and raised.as_of < of_category.known_until
            and raised.settled_on between of_category.valid_from and of_category.valid_to
    left join terms as of_store
        on
            raised.chain_id = of_store.chain_id
            and raised.ship_to_id = of_store.store_id
            and of_store.category is null
            and raised.as_of >= of_store.known_from
            and raised.as_of < of_store.known_until
            and raised.settled_on between of_store.valid_from and of_store.valid_to
),

identified as (
    select
        *,
        substr(md5(reason || '|' || chain_id || '|' || document_no), 1, 16) as exception_id
    from with_debtor
),

-- a version of a decision holds until its next one; the latest decision on a day counts
decisions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by exception_id, decided_on order by known_on
        ) as known_until
    from matched.exception_decisions
    where known_on <= getvariable('day_until')
),

decided as (
    select
        days.as_of, decisions.exception_id,
        max_by(
            {
                'decision': decisions.decision, 'amount': decisions.amount_then,
                'by': decisions.decided_by, 'on': decisions.decided_on
            },
            decisions.decided_on
        ) filter (decisions.decision in ('accept', 'write_off', 'dispute', 'reopen')) as verdict,
        max_by(decisions.owner, decisions.decided_on) filter (decisions.owner is not null) as owner,
        max_by({'said': decisions.said, 'on': decisions.decided_on}, decisions.decided_on)
            filter (decisions.decision is null) as unclear,
        max(decisions.decided_on) filter (decisions.decision is not null) as last_clear_on
    from decisions
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= decisions.known_on and days.as_of < decisions.known_until
    group by days.as_of, decisions.exception_id
),

judged as (
    select
        identified.*,
        nullif(decided.verdict.decision, 'reopen') as decision,
        decided.verdict.by as decided_by, decided.verdict.on as decided_on,
        decided.owner as assigned_to,
        identified.amount is distinct from decided.verdict.amount as is_another_amount,
        case
            when decided.verdict.decision = 'reopen' then 'opened again by ' || decided.verdict.by
            when
                decided.verdict.decision is not null
                and decided.verdict.amount is null
                then 'the decision names no amount and came while nothing was open'
            when
                decided.verdict.decision is not null
                and identified.amount <> decided.verdict.amount
                then 'decided on at ' || decided.verdict.amount || ', it is ' || identified.amount
                    || ' now'
            when decided.unclear.on >= coalesce(decided.last_clear_on, decided.unclear.on)
                then 'the decision "' || decided.unclear.said || '" is not understood: say accept, '
                    || 'dispute, write_off, assign (with target_id) or reopen'
        end as reopened_because
    from identified
    left join decided
        on identified.as_of = decided.as_of and identified.exception_id = decided.exception_id
),

-- a decision on another amount was on other facts
standing as (
    select *
    from judged
    where decision is null or decision = 'dispute' or is_another_amount
),

final as (
    select
        standing.as_of, standing.exception_id, standing.chain_id, standing.store_id,
        standing.debtor_id, standing.order_no, standing.document_no, standing.reason,
        reasons.reason_zh, reasons.reason_en,
        standing.amount, standing.opened_on,
        cast(standing.as_of - standing.opened_on as integer) as days_open,
        coalesce(
            standing.assigned_to, reasons.owner, stores.manager, debtors.manager, '客户经理'
        ) as owner,
        reasons.next_action, standing.evidence,
        standing.decision, standing.decided_by, standing.decided_on,
        standing.reopened_because,
        standing.file_id, standing.sheet, standing.row_no
    from standing
    inner join matched.exception_reasons as reasons on standing.reason = reasons.reason
    left join customers as stores
        on
            standing.store_id = stores.customer_id
            and standing.as_of >= stores.known_from
            and standing.as_of < stores.known_until
    left join customers as debtors
        on
            standing.debtor_id = debtors.customer_id
            and standing.as_of >= debtors.known_from
            and standing.as_of < debtors.known_until
)

select * from final
