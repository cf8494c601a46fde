-- One row per closed day and open exception (as_of, exception_id): what is stuck or contradictory,
-- why, since when, how much, whose move it is and what to do. The identity is the reason and the
-- paper it concerns, so it is the same exception from its first day to its last.

with raised as (
    select
        as_of, chain_id, order_no, order_no as document_no, store_id, reason, amount, opened_on,
        evidence, file_id, sheet, row_no
    from matched.order_exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
    union all
    select
        as_of, chain_id, null, document_no, store_id, reason, amount, opened_on, evidence,
        file_id, sheet, row_no
    from matched.document_exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
),

terms as (
    select
        store_terms.store_id, store_terms.debtor_id, store_terms.valid_from, store_terms.valid_to,
        store_terms.known_on, versions.known_until
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
    where store_terms.category is null
),

deliveries as (
    select chain_id, order_no, known_on, min(delivery_date) as delivery_date
    from staged.deliveries
    semi join (select distinct chain_id, order_no from raised) as wanted using (chain_id, order_no)
    where known_on <= getvariable('day_until')
    group by chain_id, order_no, known_on
),

-- who owes is settled by the delivery date as known on the day; before it, by the day itself
delivered as (
    select raised.as_of, raised.chain_id, raised.order_no, min(deliveries.delivery_date) as basis_on
    from (select distinct as_of, chain_id, order_no from raised) as raised
    inner join deliveries
        on
            raised.chain_id = deliveries.chain_id
            and raised.order_no = deliveries.order_no
            and deliveries.known_on <= raised.as_of
    group by raised.as_of, raised.chain_id, raised.order_no
),

customers as (
    select
        customer_id, manager, head_office_id, known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id order by known_on
        ) as known_until
    from staged.customers
    where known_on <= getvariable('day_until')
),

with_debtor as (
    select
        raised.*,
        coalesce(terms.debtor_id, raised.store_id) as debtor_id
    from raised
    left join delivered
        on
            raised.as_of = delivered.as_of
            and raised.chain_id = delivered.chain_id
            and raised.order_no = delivered.order_no
    left join terms
        on
            raised.store_id = terms.store_id
            and raised.as_of >= terms.known_on
            and raised.as_of < terms.known_until
            and coalesce(delivered.basis_on, raised.as_of) between terms.valid_from and terms.valid_to
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
