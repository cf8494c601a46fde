-- One row per goods receipt or return (chain_id, receipt_no) and day on which what it is worth, who
-- owes it or when changed. The latest row counts; `due_on` is the due date as long as no invoice
-- covers the goods (under invoice terms the clock does not run before the hand-over).

with new_settlements as (
    select distinct chain_id, order_no
    from settled.settlements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

new_deliveries as (
    select distinct chain_id, delivery_no
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
),

changed_terms as (
    select distinct store_id, known_on
    from staged.store_terms
    where known_on between getvariable('day_from') and getvariable('day_until')
),

all_receipts as (
    select * from staged.goods_receipts where known_on <= getvariable('day_until')
),

touched as (
    select chain_id, receipt_no from all_receipts where known_on >= getvariable('day_from')
    union
    select chain_id, receipt_no from all_receipts semi join new_settlements using (chain_id, order_no)
    union
    select chain_id, receipt_no
    from all_receipts
    semi join new_deliveries using (chain_id, delivery_no)
    where order_no is null
    union
    -- the order of a receipt that names only its delivery note
    select receipts.chain_id, receipts.receipt_no
    from all_receipts as receipts
    semi join (
        select deliveries.chain_id, deliveries.delivery_no
        from staged.deliveries
        semi join new_settlements using (chain_id, order_no)
        where deliveries.known_on <= getvariable('day_until')
    ) as deliveries using (chain_id, delivery_no)
    where receipts.order_no is null
    union
    select chain_id, receipt_no
    from all_receipts
    semi join changed_terms using (store_id)
    where order_no is null
),

receipts as (
    select
        all_receipts.*,
        lead(all_receipts.known_on, 1, date '9999-12-31') over (
            partition by all_receipts.chain_id, all_receipts.receipt_no
            order by all_receipts.known_on
        ) as known_until
    from all_receipts
    semi join touched using (chain_id, receipt_no)
),

deliveries as (
    select chain_id, delivery_no, order_no, known_on
    from staged.deliveries
    semi join (select chain_id, delivery_no from receipts where order_no is null) as wanted
        using (chain_id, delivery_no)
    where known_on <= getvariable('day_until') and order_no is not null
    qualify row_number() over (partition by chain_id, delivery_no order by known_on) = 1
),

-- a receipt belongs to the order it names, else to the order of the delivery note it names
ordered as (
    select
        receipts.* exclude (order_no),
        coalesce(receipts.order_no, deliveries.order_no) as order_no,
        case
            when receipts.order_no is null then deliveries.known_on
        end as order_known_on
    from receipts
    left join deliveries
        on
            receipts.chain_id = deliveries.chain_id
            and case when receipts.order_no is null then receipts.delivery_no end
            = deliveries.delivery_no
),

settlements as (
    select
        settlements.chain_id, settlements.order_no, settlements.known_on,
        lead(settlements.known_on, 1, date '9999-12-31') over (
            partition by settlements.chain_id, settlements.order_no order by settlements.known_on
        ) as known_until,
        settlements.debtor_id, settlements.agreement_id, settlements.term_kind,
        settlements.term_days, settlements.pay_days
    from settled.settlements
    semi join (select distinct chain_id, order_no from ordered) as wanted
        using (chain_id, order_no)
    where settlements.known_on <= getvariable('day_until')
),

store_terms as (
    select
        terms.store_id, terms.known_on, versions.known_until, terms.valid_from, terms.valid_to,
        terms.debtor_id, terms.agreement_id, terms.term_kind, terms.term_days, terms.pay_days
    from staged.store_terms as terms
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
    ) as versions on terms.store_id = versions.store_id and terms.known_on = versions.known_on
    where terms.category is null
),

-- settled with its order; before the order is known, and without one, by store and receipt date
by_order as (
    select
        greatest(ordered.known_on, settlements.known_on, coalesce(ordered.order_known_on, ordered.known_on))
            as known_on,
        ordered.chain_id, ordered.receipt_no, ordered.order_no, ordered.store_id,
        ordered.receipt_date, ordered.is_return, ordered.amount,
        settlements.debtor_id, settlements.agreement_id, settlements.term_kind,
        settlements.term_days, settlements.pay_days,
        ordered.file_id, ordered.sheet, ordered.row_no
    from ordered
    inner join settlements
        on
            ordered.chain_id = settlements.chain_id
            and ordered.order_no = settlements.order_no
            and ordered.known_on < settlements.known_until
            and settlements.known_on < ordered.known_until
            and coalesce(ordered.order_known_on, ordered.known_on) < ordered.known_until
            and coalesce(ordered.order_known_on, ordered.known_on) < settlements.known_until
),

settled_from as (
    select chain_id, receipt_no, min(known_on) as known_on from by_order group by all
),

by_store as (
    select
        greatest(ordered.known_on, coalesce(terms.known_on, ordered.known_on)) as known_on,
        ordered.chain_id, ordered.receipt_no, cast(null as varchar) as order_no, ordered.store_id,
        ordered.receipt_date, ordered.is_return, ordered.amount,
        coalesce(terms.debtor_id, ordered.store_id) as debtor_id, terms.agreement_id,
        terms.term_kind, terms.term_days, terms.pay_days,
        ordered.file_id, ordered.sheet, ordered.row_no
    from ordered
    left join settled_from using (chain_id, receipt_no)
    left join store_terms as terms
        on
            ordered.store_id = terms.store_id
            and ordered.known_on < terms.known_until
            and terms.known_on < ordered.known_until
            and ordered.receipt_date between terms.valid_from and terms.valid_to
    where
        settled_from.known_on is null
        or greatest(ordered.known_on, coalesce(terms.known_on, ordered.known_on))
        < settled_from.known_on
),

-- the part of a day's knowledge that came last stands
states as (
    select * from by_order
    union all
    select * from by_store
),

dated as (
    select
        states.*,
        case when states.term_kind <> 'invoice' then due_dates.due_on end as due_on
    from states
    left join settled.due_dates
        on
            states.term_kind = due_dates.term_kind
            and states.term_days = due_dates.term_days
            and states.pay_days = due_dates.pay_days
            and states.receipt_date = due_dates.base_on
),

final as (
    select
        known_on, chain_id, receipt_no, order_no, store_id, debtor_id, receipt_date, is_return,
        amount,
        cast(
            amount - coalesce(
                lag(amount) over (partition by chain_id, receipt_no order by known_on), 0
            ) as decimal(18, 2)
        ) as change,
        agreement_id, term_kind, term_days, pay_days, due_on, file_id, sheet, row_no
    from dated
    where known_on <= getvariable('day_until')
    qualify known_on >= getvariable('day_from')
)

select * from final
