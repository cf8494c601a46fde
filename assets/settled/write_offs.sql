-- One row per item of a debtor (item_id, debtor_id, store_id) and day on which the small difference
-- that policy writes off of it changed; `amount` is the change, signed like the item, and negative
-- of that where further money or another invoice takes it back. What is tested is what a payment
-- leaves open: an item on which nothing was paid is never written off, nor is more than the limit.

with all_cash as not materialized (
    select
        case part when 'rest' then 'invoice' when 'opening_item' then part else 'goods' end
            as unit_kind,
        case when part in ('uninvoiced', 'invoice') then chain_id else '' end as unit_chain,
        coalesce(receipt_no, invoice_no, unit_no) as unit_no,
        part, chain_id, receipt_no, invoice_no, order_no, item_id, item_kind, document_no,
        document_on, debtor_id, store_id, known_on, effective_on, amount, file_id, sheet, row_no
    from settled.cash_applications
    where known_on <= getvariable('day_until') and part not in ('deduction', 'given_back', 'adjustment')
),

changed_units as (
    select 'goods' as unit_kind, chain_id as unit_chain, receipt_no as unit_no
    from settled.receivables
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select 'goods', chain_id, receipt_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select 'invoice', '', invoice_no
    from settled.invoice_rests
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select 'opening_item', '', item_id
    from staged.opening_items
    where known_on between getvariable('day_from') and getvariable('day_until')
),

touched as (
    select unit_kind, unit_chain, unit_no
    from all_cash
    where known_on >= getvariable('day_from')
    union
    select unit_kind, unit_chain, unit_no
    from all_cash
    semi join changed_units using (unit_kind, unit_chain, unit_no)
    where known_on < getvariable('day_from')
),

touched_cash as (
    select all_cash.* from all_cash semi join touched using (unit_kind, unit_chain, unit_no)
),

accepted as (
    select
        touched.unit_kind, touched.unit_chain, touched.unit_no, receivables.known_on,
        receivables.receipt_date as effective_on, receivables.debtor_id, receivables.store_id,
        receivables.amount
    from settled.receivables
    inner join touched
        on
            receivables.chain_id = touched.unit_chain
            and receivables.receipt_no = touched.unit_no
            and touched.unit_kind = 'goods'
    where receivables.known_on <= getvariable('day_until')
),

-- nearly all goods are paid in full at once: nothing is left of any part of them
paid_at_once as (
    select unit_kind, unit_chain, unit_no
    from (
        select unit_kind, unit_chain, unit_no, 1 as payments, 0 as versions, amount
        from touched_cash
        union all
        select unit_kind, unit_chain, unit_no, 0, 1, -amount from accepted
    )
    group by unit_kind, unit_chain, unit_no
    having sum(payments) = 1 and sum(versions) = 1 and sum(amount) = 0
),

cash as (
    select touched_cash.*
    from touched_cash
    anti join paid_at_once using (unit_kind, unit_chain, unit_no)
),

units as (
    select distinct unit_kind, unit_chain, unit_no from cash
),

-- named by the first payment of each, whatever comes later
first_paid as (
    select
        unit_kind, unit_chain, unit_no, part, invoice_no, item_id, debtor_id, store_id,
        min_by(
            {
                'item_kind': item_kind, 'chain_id': chain_id, 'receipt_no': receipt_no,
                'order_no': order_no, 'document_no': document_no, 'document_on': document_on,
                'file_id': file_id, 'sheet': sheet, 'row_no': row_no
            },
            {'known_on': known_on, 'file_id': file_id, 'row_no': row_no}
        ) as named
    from cash
    group by all
),

items as (
    select * exclude (named), unnest(named) from first_paid
),

-- what each unit is worth and who owes it, by day
worth as (
    select accepted.*
    from accepted
    semi join units using (unit_kind, unit_chain, unit_no)
    union all
    select
        units.unit_kind, units.unit_chain, units.unit_no, rests.known_on, rests.effective_on,
        rests.debtor_id, rests.store_id, rests.amount
    from settled.invoice_rests as rests
    inner join units on rests.invoice_no = units.unit_no and units.unit_kind = 'invoice'
    where rests.known_on <= getvariable('day_until')
    union all
    select
        units.unit_kind, units.unit_chain, units.unit_no, opened.known_on, opened.document_on,
        opened.customer_id, opened.store_id, opened.balance
    from staged.opening_items as opened
    inner join units on opened.item_id = units.unit_no and units.unit_kind = 'opening_item'
    where opened.known_on <= getvariable('day_until') and opened.is_gone is not true
),

invoiced as (
    select
        units.unit_kind, units.unit_chain, units.unit_no, goods.invoice_no, goods.known_on,
        goods.effective_on, goods.amount,
        lead(goods.known_on, 1, date '9999-12-31') over (
            partition by goods.chain_id, goods.receipt_no, goods.invoice_no order by goods.known_on
        ) as known_until
    from matched.invoiced_goods as goods
    inner join units
        on
            goods.chain_id = units.unit_chain
            and goods.receipt_no = units.unit_no
            and units.unit_kind = 'goods'
    where goods.known_on <= getvariable('day_until')
),

events as (
    select unit_kind, unit_chain, unit_no, known_on, effective_on from cash
    union all
    select unit_kind, unit_chain, unit_no, known_on, effective_on from worth
    union all
    select unit_kind, unit_chain, unit_no, known_on, effective_on from invoiced
),

-- an entry counts when all that led to it has happened
days as (
    select
        unit_kind, unit_chain, unit_no, known_on,
        max(max(effective_on)) over (
            partition by unit_kind, unit_chain, unit_no order by known_on
        ) as effective_on
    from events
    group by unit_kind, unit_chain, unit_no, known_on
),

worth_on_days as (
    select
        days.unit_kind, days.unit_chain, days.unit_no, days.known_on, days.effective_on,
        max_by(worth.debtor_id, worth.known_on) as debtor_id,
        max_by(worth.store_id, worth.known_on) as store_id,
        max_by(worth.amount, worth.known_on) as amount
    from days
    inner join worth
        on
            days.unit_kind = worth.unit_kind
            and days.unit_chain = worth.unit_chain
            and days.unit_no = worth.unit_no
            and days.known_on >= worth.known_on
    group by
        days.unit_kind, days.unit_chain, days.unit_no, days.known_on, days.effective_on
),

parts_on_days as (
    select
        days.unit_kind, days.unit_chain, days.unit_no, days.known_on, invoiced.invoice_no,
        invoiced.amount
    from days
    inner join invoiced
        on
            days.unit_kind = invoiced.unit_kind
            and days.unit_chain = invoiced.unit_chain
            and days.unit_no = invoiced.unit_no
            and days.known_on >= invoiced.known_on
            and days.known_on < invoiced.known_until
),

invoiced_on_days as (
    select unit_kind, unit_chain, unit_no, known_on, sum(amount) as amount
    from parts_on_days
    group by unit_kind, unit_chain, unit_no, known_on
),

cash_on_days as (
    select
        days.unit_kind, days.unit_chain, days.unit_no, days.known_on, cash.item_id, cash.debtor_id,
        cash.store_id, sum(cash.amount) as amount
    from days
    inner join cash
        on
            days.unit_kind = cash.unit_kind
            and days.unit_chain = cash.unit_chain
            and days.unit_no = cash.unit_no
            and days.known_on >= cash.known_on
    group by
        days.unit_kind, days.unit_chain, days.unit_no, days.known_on, cash.item_id,
        cash.debtor_id, cash.store_id
),

-- what was charged on each item by the day, and what of it was paid
states as (
    select
        items.*, worth_on_days.known_on, worth_on_days.effective_on,
        coalesce(cash_on_days.amount, 0) as paid,
        case
            when items.debtor_id <> worth_on_days.debtor_id
                or items.store_id <> worth_on_days.store_id
                then 0
            when items.part = 'invoice' then coalesce(parts_on_days.amount, 0)
            else worth_on_days.amount - coalesce(invoiced_on_days.amount, 0)
        end as charged
    from items
    inner join worth_on_days using (unit_kind, unit_chain, unit_no)
    left join parts_on_days
        on
            worth_on_days.unit_kind = parts_on_days.unit_kind
            and worth_on_days.unit_chain = parts_on_days.unit_chain
            and worth_on_days.unit_no = parts_on_days.unit_no
            and worth_on_days.known_on = parts_on_days.known_on
            and items.invoice_no = parts_on_days.invoice_no
    left join invoiced_on_days
        on
            worth_on_days.unit_kind = invoiced_on_days.unit_kind
            and worth_on_days.unit_chain = invoiced_on_days.unit_chain
            and worth_on_days.unit_no = invoiced_on_days.unit_no
            and worth_on_days.known_on = invoiced_on_days.known_on
    left join cash_on_days
        on
            items.unit_kind = cash_on_days.unit_kind
            and items.unit_chain = cash_on_days.unit_chain
            and items.unit_no = cash_on_days.unit_no
            and items.item_id = cash_on_days.item_id
            and items.debtor_id = cash_on_days.debtor_id
            and items.store_id = cash_on_days.store_id
            and worth_on_days.known_on = cash_on_days.known_on
),

written_off as (
    select
        *,
        case
            when
                paid <> 0
                and sign(charged) = sign(charged - paid)
                and sign(charged) = sign(paid)
                and abs(charged - paid) <= getvariable('policy').write_offs.small_difference
                then charged - paid
            else 0
        end as written_off
    from states
),

changes as (
    select
        *,
        written_off - lag(written_off, 1, 0) over (
            partition by item_id, debtor_id, store_id order by known_on
        ) as change
    from written_off
),

final as (
    select
        changes.known_on, changes.effective_on, changes.item_id, changes.item_kind,
        changes.chain_id, changes.debtor_id, changes.store_id, changes.document_no,
        changes.document_on, changes.receipt_no,
        case when changes.part in ('invoice', 'rest') then changes.invoice_no end as invoice_no,
        changes.order_no, cast(changes.change as decimal(18, 2)) as amount,
        cast(changes.charged as decimal(18, 2)) as charged_amount,
        cast(changes.paid as decimal(18, 2)) as applied_amount,
        case
            when changes.written_off <> 0
                then 'small difference: ' || cast(cast(changes.paid as decimal(18, 2)) as varchar)
                    || ' paid of ' || cast(cast(changes.charged as decimal(18, 2)) as varchar)
            else 'no small difference any more: '
                || cast(cast(changes.paid as decimal(18, 2)) as varchar) || ' paid of '
                || cast(cast(changes.charged as decimal(18, 2)) as varchar)
        end as reason,
        changes.file_id, changes.sheet, changes.row_no
    from changes
    where changes.change <> 0 and changes.known_on >= getvariable('day_from')
)

select * from final
