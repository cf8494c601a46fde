-- One row per invoice, reason and day (as_of) on which the invoice has an exception: not handed over
-- in time, made out to another than the debtor, or billing what no receipt explains. What an invoice
-- explains of an order counts while that order is open: a paid order is past asking.

with parts as (
    select * from matched.steps.invoiced_parts
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
        and invoice_no in (select invoice_no from parts)
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
