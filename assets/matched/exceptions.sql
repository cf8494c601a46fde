-- One row per closed day and open exception (as_of, exception_id): what is stuck or contradictory,
-- why, since when, how much, whose move it is and what to do. The identity is the reason and the
-- paper it concerns, so it is the same exception from its first day to its last.

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
    select * from of_copies
),

terms as (
    select
        store_terms.store_id, store_terms.category, store_terms.debtor_id, store_terms.valid_from,
        store_terms.valid_to, store_terms.known_on, versions.known_until
    from staged.store_terms
    inner join (
        select
            store_id, known_on,
            lead(known_on, 1, date '9999-12-31') over (
                partition by store_id order by known_on
            ) as known_until
        from (
            select distinct store_id, known_on
            from staged.store_terms
            where known_on <= getvariable('day_until')
        )
    ) as versions using (store_id, known_on)
    where versions.known_until > getvariable('day_from')
),

customers as (
    select
        customer_id, manager, known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id order by known_on
        ) as known_until
    from staged.customers
    where known_on <= getvariable('day_until')
),

-- terms for the goods' category come before those for every other category
with_debtor as (
    select
        raised.*,
        coalesce(of_category.debtor_id, of_store.debtor_id, raised.ship_to_id, raised.store_id)
            as debtor_id
    from raised
    left join terms as of_category
        on
            raised.ship_to_id = of_category.store_id
            and raised.category = of_category.category
            and raised.as_of >= of_category.known_on
            and raised.as_of < of_category.known_until
            and raised.settled_on between of_category.valid_from and of_category.valid_to
    left join terms as of_store
        on
            raised.ship_to_id = of_store.store_id
            and of_store.category is null
            and raised.as_of >= of_store.known_on
            and raised.as_of < of_store.known_until
            and raised.settled_on between of_store.valid_from and of_store.valid_to
),

final as (
    select
        with_debtor.as_of,
        substr(
            md5(
                with_debtor.reason || '|' || with_debtor.chain_id || '|' || with_debtor.document_no
            ),
            1, 16
        ) as exception_id,
        with_debtor.chain_id, with_debtor.store_id, with_debtor.debtor_id, with_debtor.order_no,
        with_debtor.document_no, with_debtor.reason, reasons.reason_zh, reasons.reason_en,
        with_debtor.amount, with_debtor.opened_on,
        cast(with_debtor.as_of - with_debtor.opened_on as integer) as days_open,
        coalesce(reasons.owner, stores.manager, debtors.manager, '客户经理') as owner,
        reasons.next_action, with_debtor.evidence,
        with_debtor.file_id, with_debtor.sheet, with_debtor.row_no
    from with_debtor
    inner join matched.exception_reasons as reasons on with_debtor.reason = reasons.reason
    left join customers as stores
        on
            with_debtor.store_id = stores.customer_id
            and with_debtor.as_of >= stores.known_from
            and with_debtor.as_of < stores.known_until
    left join customers as debtors
        on
            with_debtor.debtor_id = debtors.customer_id
            and with_debtor.as_of >= debtors.known_from
            and with_debtor.as_of < debtors.known_until
)

select * from final
