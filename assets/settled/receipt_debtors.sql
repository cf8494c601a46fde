-- One row per goods receipt or return (chain_id, receipt_no) and day on which what it is worth, who
-- owes it or on which terms changed. The latest row counts. A receipt is settled with the order it
-- names, else with that of its delivery note; before the order is known, and without one, by its
-- store and date.

with new_settlements as not materialized (
    select chain_id, order_no
    from settled.settlements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

changed_terms as (
    select distinct chain_id, store_id
    from staged.store_terms
    where known_on between getvariable('day_from') and getvariable('day_until')
),

all_receipts as not materialized (
    select * from matched.resolved_receipts where known_on <= getvariable('day_until')
),

earlier_receipts as not materialized (
    select chain_id, receipt_no, order_no, delivery_no, store_id
    from all_receipts
    where known_on < getvariable('day_from')
),

-- receipts of the window, and earlier ones whose order, delivery note or terms are news
touched as (
    select chain_id, receipt_no from all_receipts where known_on >= getvariable('day_from')
    union
    select chain_id, receipt_no
    from earlier_receipts
    semi join new_settlements using (chain_id, order_no)
    union
    select chain_id, receipt_no
    from earlier_receipts
    semi join (
        select chain_id, delivery_no
        from matched.resolved_deliveries as deliveries
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as deliveries using (chain_id, delivery_no)
    where order_no is null
    union
    -- the order of a receipt that names only its delivery note
    select chain_id, receipt_no
    from earlier_receipts
    semi join (
        select deliveries.chain_id, deliveries.delivery_no
        from matched.resolved_deliveries as deliveries
        semi join new_settlements using (chain_id, order_no)
        where deliveries.known_on <= getvariable('day_until')
    ) as deliveries using (chain_id, delivery_no)
    where order_no is null
    union
    select chain_id, receipt_no
    from earlier_receipts
    semi join changed_terms using (chain_id, store_id)
    where order_no is null
),

versions as (
    select
        known_on, chain_id, receipt_no, order_no, delivery_no, store_id, receipt_date, is_return,
        amount, file_id, sheet, row_no
    from all_receipts
    semi join touched using (chain_id, receipt_no)
),

order_settlements as (
    select
        chain_id, order_no, known_on, debtor_id, agreement_id,
        term_kind, term_days, batch_lag, pay_days, statement_days
    from settled.settlements
    semi join versions using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

-- nearly always a receipt of one version names an order that is settled by then, once
at_once as (
    select
        versions.known_on, versions.chain_id, versions.receipt_no, versions.order_no,
        versions.store_id, versions.receipt_date, versions.is_return, versions.amount,
        settlements.debtor_id, settlements.agreement_id, settlements.term_kind,
        settlements.term_days, settlements.batch_lag, settlements.pay_days,
        settlements.statement_days,
        versions.file_id, versions.sheet, versions.row_no
    from versions
    anti join (
        select chain_id, receipt_no from versions group by all having count(*) > 1
    ) as several_versions using (chain_id, receipt_no)
    anti join (
        select chain_id, order_no from order_settlements group by all having count(*) > 1
    ) as several_settlements using (chain_id, order_no)
    inner join order_settlements as settlements
        on
            versions.chain_id = settlements.chain_id
            and versions.order_no = settlements.order_no
            and versions.known_on >= settlements.known_on
),

receipts as (
    select
        versions.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from versions
    anti join at_once using (chain_id, receipt_no)
),

deliveries as (
    select
        chain_id, delivery_no, order_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, delivery_no order by known_on
        ) as known_until
    from matched.resolved_deliveries
    semi join (select chain_id, delivery_no from receipts where order_no is null) as wanted
        using (chain_id, delivery_no)
    where known_on <= getvariable('day_until')
),

-- a receipt belongs to the order it names, else to the order of the delivery note it names
ordered as (
    select
        receipts.* exclude (order_no), receipts.order_no,
        receipts.known_on as order_known_on, date '9999-12-31' as order_known_until
    from receipts
    where receipts.order_no is not null
    union all
    select
        receipts.* exclude (order_no), deliveries.order_no,
        deliveries.known_on, deliveries.known_until
    from receipts
    inner join deliveries using (chain_id, delivery_no)
    where receipts.order_no is null and deliveries.order_no is not null
),

settlements as (
    select
        chain_id, order_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until,
        debtor_id, agreement_id, term_kind, term_days, batch_lag, pay_days, statement_days
    from settled.settlements
    semi join ordered using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

store_terms as (
    select * from staged.steps.store_term_versions
    where category is null
),

-- settled with its order; before the order is known, and without one, by store and receipt date
by_order as (
    select
        greatest(
            ordered.known_on, settlements.known_on, ordered.order_known_on
        ) as known_on,
        ordered.chain_id, ordered.receipt_no, ordered.order_no, ordered.store_id,
        ordered.receipt_date, ordered.is_return, ordered.amount,
        settlements.debtor_id, settlements.agreement_id, settlements.term_kind,
        settlements.term_days, settlements.batch_lag, settlements.pay_days,
        settlements.statement_days,
        ordered.file_id, ordered.sheet, ordered.row_no
    from ordered
    inner join settlements
        on
            ordered.chain_id = settlements.chain_id
            and ordered.order_no = settlements.order_no
            and ordered.known_on < settlements.known_until
            and settlements.known_on < ordered.known_until
            and ordered.order_known_on < ordered.known_until
            and ordered.order_known_on < settlements.known_until
            and greatest(ordered.known_on, settlements.known_on) < ordered.order_known_until
),

settled_from as (
    select chain_id, receipt_no, min(known_on) as known_on from by_order group by all
),

by_store as (
    select
        greatest(receipts.known_on, coalesce(terms.known_from, receipts.known_on)) as known_on,
        receipts.chain_id, receipts.receipt_no, cast(null as varchar) as order_no, receipts.store_id,
        receipts.receipt_date, receipts.is_return, receipts.amount,
        coalesce(terms.debtor_id, receipts.store_id) as debtor_id, terms.agreement_id,
        terms.term_kind, terms.term_days, terms.batch_lag, terms.pay_days, terms.statement_days,
        receipts.file_id, receipts.sheet, receipts.row_no
    from receipts
    left join settled_from using (chain_id, receipt_no)
    left join store_terms as terms
        on
            receipts.chain_id = terms.chain_id
            and receipts.store_id = terms.store_id
            and receipts.known_on < terms.known_until
            and terms.known_from < receipts.known_until
            and receipts.receipt_date between terms.valid_from and terms.valid_to
    where
        settled_from.known_on is null
        or greatest(receipts.known_on, coalesce(terms.known_from, receipts.known_on))
        < settled_from.known_on
),

-- the part of a day's knowledge that came last stands
together as (
    select * from by_order
    union all by name
    select * from by_store
    union all by name
    select * from at_once
),

final as (
    select
        known_on, chain_id, receipt_no, order_no, store_id, debtor_id, receipt_date, is_return,
        amount, agreement_id, term_kind, term_days, batch_lag, pay_days, statement_days,
        file_id, sheet, row_no
    from together
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
