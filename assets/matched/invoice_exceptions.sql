-- One row per invoice, reason and day (as_of) on which the invoice has an exception: not handed over
-- in time, made out to another than the debtor, or billing what no receipt explains. What an invoice
-- explains of an order counts while that order is open: a paid order is past asking.

with window_orders as (
    select * from matched.steps.open_order_versions
),

nameless_receipts as (
    select
        chain_id, receipt_no, min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(receipt_date, known_on) as receipt_date
    from staged.goods_receipts
    where known_on <= getvariable('day_until') and order_no is null
    group by chain_id, receipt_no
),

first_placements as (
    select chain_id, receipt_no, min(known_on) as known_on
    from matched.receipt_orders
    semi join nameless_receipts using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

-- what no receipt explains, less what was paid for it
rest_days as (
    select invoice_no, known_on, sum(change) as change
    from (
        select invoice_no, known_on, change from matched.invoice_rests
        union all
        select unit_no, known_on, -amount from matched.clearings where unit_kind = 'invoice'
    )
    where known_on <= getvariable('day_until')
    group by invoice_no, known_on
),

rests as (
    select
        invoice_no, known_on as starts_on,
        lead(known_on, 1, date '9999-12-31') over invoice as ends_on,
        sum(change) over invoice as amount
    from rest_days
    window invoice as (partition by invoice_no order by known_on)
),

-- an invoice is one exception from its first day to its last, so all that it bills is looked at,
-- orders that were paid before the window included
billed_receipts as (
    select distinct chain_id, receipt_no
    from matched.invoiced_goods
    where
        known_on <= getvariable('day_until')
        and invoice_no in (
            select invoice_no
            from matched.invoiced_goods
            semi join (
                select receipts.chain_id, receipts.receipt_no
                from matched.receipt_orders as receipts
                semi join window_orders using (chain_id, order_no)
                union all
                select nameless.chain_id, nameless.receipt_no
                from nameless_receipts as nameless
                left join first_placements using (chain_id, receipt_no)
                where coalesce(first_placements.known_on, date '9999-12-31')
                    > getvariable('day_from')
            ) as receipts using (chain_id, receipt_no)
            union all
            select invoice_no from rests where amount > 0 and ends_on > getvariable('day_from')
        )
),

earlier_orders as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from matched.open_orders
    semi join (
        select chain_id, order_no
        from matched.receipt_orders
        semi join billed_receipts using (chain_id, receipt_no)
        where known_on <= getvariable('day_until')
    ) as billed using (chain_id, order_no)
    anti join window_orders using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

open_orders as (
    select * from window_orders where is_open
    union all
    select * from earlier_orders where is_open
),

placements as (
    select
        placements.chain_id, placements.receipt_no, placements.order_no, placements.placed,
        placements.known_on,
        lead(placements.known_on, 1, date '9999-12-31') over (
            partition by placements.chain_id, placements.receipt_no, placements.order_no
            order by placements.known_on
        ) as known_until
    from matched.receipt_orders as placements
    semi join open_orders using (chain_id, order_no)
    where placements.known_on <= getvariable('day_until')
),

-- a receipt that names no order waits on its own until it finds one
orderless_receipts as (
    select
        receipts.*, coalesce(first_placements.known_on, date '9999-12-31') as placed_on
    from nameless_receipts as receipts
    left join first_placements using (chain_id, receipt_no)
    left join billed_receipts
        on
            receipts.chain_id = billed_receipts.chain_id
            and receipts.receipt_no = billed_receipts.receipt_no
    where
        billed_receipts.receipt_no is not null
        or first_placements.known_on is null
        or first_placements.known_on > getvariable('day_from')
),

-- stretches of days on which a receipt waits for its money
open_receipts as (
    select
        open_orders.chain_id, placements.receipt_no, open_orders.order_no,
        open_orders.store_id, open_orders.ship_to_id, open_orders.category, open_orders.settled_on,
        greatest(placements.known_on, open_orders.known_on) as starts_on,
        least(placements.known_until, open_orders.known_until) as ends_on
    from open_orders
    inner join placements
        on
            open_orders.chain_id = placements.chain_id
            and open_orders.order_no = placements.order_no
            and placements.placed > 0
            and open_orders.known_on < placements.known_until
            and placements.known_on < open_orders.known_until
    union all
    select
        chain_id, receipt_no, null, store_id, store_id, null, receipt_date, known_on, placed_on
    from orderless_receipts
    where known_on < placed_on
),

goods as (
    select
        goods.chain_id, goods.receipt_no, goods.invoice_no, goods.amount, goods.known_on,
        lead(goods.known_on, 1, date '9999-12-31') over (
            partition by goods.chain_id, goods.receipt_no, goods.invoice_no order by goods.known_on
        ) as known_until
    from matched.invoiced_goods as goods
    semi join open_receipts using (chain_id, receipt_no)
    where goods.known_on <= getvariable('day_until')
),

explained as (
    select
        goods.invoice_no, goods.amount, receipts.* exclude (starts_on, ends_on),
        greatest(goods.known_on, receipts.starts_on) as starts_on,
        least(goods.known_until, receipts.ends_on) as ends_on
    from goods
    inner join open_receipts as receipts
        on
            goods.chain_id = receipts.chain_id
            and goods.receipt_no = receipts.receipt_no
            and goods.known_on < receipts.ends_on
            and receipts.starts_on < goods.known_until
    where goods.amount <> 0
),

invoices as (
    select
        invoice_no,
        min_by(coalesce(chain_id, 'unknown'), known_on) as chain_id,
        min_by(coalesce(buyer_id, 'unknown:' || buyer_name), known_on) as buyer_id,
        min_by(issued_on, known_on) as issued_on,
        min_by(is_red, known_on) as is_red,
        min_by(file_id, known_on) as file_id, min_by(sheet, known_on) as sheet,
        min_by(row_no, known_on) as row_no
    from staged.invoices
    where
        known_on <= getvariable('day_until')
        and invoice_no in (
            select invoice_no from explained
            union all
            select invoice_no from rests where amount > 0 and ends_on > getvariable('day_from')
        )
    group by invoice_no
),

parts as (
    select
        invoices.* exclude (chain_id), explained.* exclude (invoice_no)
    from explained
    inner join invoices using (invoice_no)
    union all
    select
        invoices.* exclude (chain_id), rests.amount, invoices.chain_id, null, null,
        invoices.buyer_id, invoices.buyer_id, null, invoices.issued_on,
        rests.starts_on, rests.ends_on
    from rests
    inner join invoices using (invoice_no)
    where rests.amount > 0
),

-- a hand-over or the end of the invoice settles the question
handed_over as (
    select invoice_no, min(known_on) as known_on
    from (
        select invoice_no, known_on from staged.invoice_handovers
        union all
        select invoice_no, known_on from matched.invoice_ends
    )
    where
        known_on <= getvariable('day_until')
        and invoice_no in (select invoice_no from invoices)
    group by invoice_no
),

not_handed_over as (
    select
        'invoice_not_handed_over' as reason, parts.* exclude (starts_on, ends_on),
        'invoice ' || parts.invoice_no || ' of ' || parts.issued_on || ' has not been handed over'
        as evidence,
        greatest(
            parts.starts_on,
            cast(parts.issued_on + getvariable('policy').matching.handover_days + 1 as date)
        ) as starts_on,
        least(parts.ends_on, coalesce(handed_over.known_on, date '9999-12-31')) as ends_on
    from parts
    left join handed_over using (invoice_no)
    where parts.amount > 0 and not parts.is_red
),

terms as (
    select * from staged.steps.store_term_versions
),

-- terms for the order's category come before those for every other category
debtors as (
    select parts.*, terms.debtor_id, terms.known_from as settled_from, terms.known_until
    from parts
    inner join terms
        on
            parts.chain_id = terms.chain_id
            and parts.ship_to_id = terms.store_id
            and parts.settled_on between terms.valid_from and terms.valid_to
            and parts.starts_on < terms.known_until
            and terms.known_from < parts.ends_on
            and (terms.category is null or terms.category = parts.category)
    where parts.receipt_no is not null
    qualify
        terms.category is not null
        or not bool_or(terms.category is not null) over (
            partition by
                parts.invoice_no, parts.chain_id, parts.receipt_no, parts.starts_on, terms.known_from
        )
),

-- without an agreement the papers may have named another debtor than the terms do
inferred_days as (
    select chain_id, order_no, debtor_id, known_on
    from matched.inferred_debtors
    semi join debtors using (chain_id, order_no)
    where known_on <= getvariable('day_until')
    union all
    select chain_id, order_no, null, date '0001-01-01'
    from matched.inferred_debtors
    semi join debtors using (chain_id, order_no)
    where known_on <= getvariable('day_until')
    group by chain_id, order_no
),

inferred as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from inferred_days
),

owing as (
    select
        debtors.* exclude (debtor_id, settled_from, known_until, starts_on, ends_on),
        coalesce(inferred.debtor_id, debtors.debtor_id) as debtor_id,
        greatest(debtors.starts_on, debtors.settled_from, inferred.known_on) as starts_on,
        least(debtors.ends_on, debtors.known_until, inferred.known_until) as ends_on
    from debtors
    left join inferred
        on
            debtors.chain_id = inferred.chain_id
            and debtors.order_no = inferred.order_no
            and debtors.starts_on < inferred.known_until
            and inferred.known_on < debtors.ends_on
),

wrong_titles as (
    select
        'wrong_invoice_title' as reason,
        owing.* exclude (debtor_id),
        'invoice ' || owing.invoice_no || ' is made out to ' || owing.buyer_id
        || ', the debtor is ' || owing.debtor_id as evidence
    from owing
    where owing.buyer_id <> owing.debtor_id and owing.starts_on < owing.ends_on
),

-- an invoice may travel with its goods, or come before the register that says what it bills
first_goods as (
    select invoice_no, min(known_on) as known_on
    from matched.invoiced_goods
    where
        known_on <= getvariable('day_until')
        and invoice_no in (select invoice_no from parts where receipt_no is null)
    group by invoice_no
),

over_invoiced as (
    select
        'over_invoiced' as reason, parts.* exclude (starts_on, ends_on),
        'invoice ' || parts.invoice_no || ' bills ' || parts.amount
        || ' that no goods receipt explains' as evidence,
        greatest(
            parts.starts_on,
            least(
                greatest(
                    coalesce(first_goods.known_on, date '9999-12-31'),
                    cast(
                        parts.issued_on + getvariable('policy').matching.in_transit_days + 1 as date
                    )
                ),
                cast(parts.issued_on + getvariable('policy').matching.uninvoiced_days + 1 as date)
            )
        ) as starts_on,
        parts.ends_on
    from parts
    left join first_goods using (invoice_no)
    where parts.receipt_no is null
),

spells as (
    select *
    from (
        select * from not_handed_over
        union all by name
        select * from wrong_titles
        union all by name
        select * from over_invoiced
    )
    where starts_on < ends_on
),

-- the parts of an invoice come and go on their own; their sum is what the exception is worth
edges as (
    select reason, chain_id, invoice_no, starts_on as day, amount, 1 as parts from spells
    union all
    select reason, chain_id, invoice_no, ends_on, -amount, -1 from spells
),

levels as (
    select
        reason, chain_id, invoice_no, day as starts_on,
        lead(day, 1, date '9999-12-31') over invoice as ends_on,
        sum(amount) over invoice as amount,
        sum(parts) over invoice as parts,
        sum(parts) over invoice - parts as parts_before
    from (
        select reason, chain_id, invoice_no, day, sum(amount) as amount, sum(parts) as parts
        from edges
        group by reason, chain_id, invoice_no, day
    )
    window invoice as (partition by reason, chain_id, invoice_no order by day)
),

opened as (
    select
        *,
        max(case when parts_before = 0 then starts_on end) over (
            partition by reason, chain_id, invoice_no order by starts_on
        ) as opened_on
    from levels
),

daily as (
    select
        days.as_of, opened.reason, opened.chain_id, opened.invoice_no, opened.amount,
        opened.opened_on
    from opened
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= opened.starts_on and days.as_of < opened.ends_on
    where opened.parts > 0 and opened.amount <> 0
),

-- told by the first of its parts, of equal ones by the one with the smaller receipt number
told as (
    select
        daily.as_of, daily.reason, daily.chain_id, daily.invoice_no,
        case when count(distinct spells.order_no) = 1 then min(spells.order_no) end as order_no,
        min_by(
            {
                'store_id': spells.store_id, 'ship_to_id': spells.ship_to_id,
                'category': spells.category, 'settled_on': spells.settled_on,
                'evidence': spells.evidence
            },
            {'on': spells.starts_on, 'no': coalesce(spells.receipt_no, '')}
        ) as first_part,
        cast(daily.amount as decimal(18, 2)) as amount, daily.opened_on,
        min(spells.file_id) as file_id, min(spells.sheet) as sheet, min(spells.row_no) as row_no
    from daily
    inner join spells
        on
            daily.reason = spells.reason
            and daily.chain_id = spells.chain_id
            and daily.invoice_no = spells.invoice_no
            and daily.as_of >= spells.starts_on
            and daily.as_of < spells.ends_on
    group by
        daily.as_of, daily.reason, daily.chain_id, daily.invoice_no, daily.amount, daily.opened_on
),

final as (
    select
        as_of, reason, chain_id, invoice_no, order_no, first_part.store_id,
        first_part.ship_to_id, first_part.category, first_part.settled_on, amount, opened_on,
        first_part.evidence, file_id, sheet, row_no
    from told
)

select * from final
