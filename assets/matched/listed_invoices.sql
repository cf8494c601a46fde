-- One row per invoice that a statement lists as settled by it (chain_id, statement_no, invoice_no)
-- and day on which what the list says, or what our papers say of it, changed; the latest row
-- counts. `verdict`: `confirmed`, the statement lists the goods that the invoice bills as well;
-- `in_part`, some of them; `other_goods`, none; `without_goods`, we know of no goods that it bills;
-- `other_amount`, the invoice is over other money; `ended`, it is void or reversed; `opening_item`,
-- it is one of the items open before the first day; `unknown_invoice`, we do not have it;
-- `unlisted`, a later list leaves it out.

with lists as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until
    from (
        select distinct chain_id, statement_no, known_on
        from staged.statement_invoices
        where known_on <= getvariable('day_until')
    )
),

-- an invoice has a row per tax rate
listed as (
    select
        chain_id, statement_no, invoice_no, known_on, sum(amount) as amount,
        min_by({'file_id': file_id, 'sheet': sheet, 'row_no': row_no}, line_no) as place
    from staged.statement_invoices
    where known_on <= getvariable('day_until')
    group by chain_id, statement_no, invoice_no, known_on
),

-- a number that is only the end of an invoice's may be told later than the list comes
resolutions as (
    select given_no, invoice_no, min(known_on) as known_on
    from staged.number_resolutions
    where
        paper_kind = 'statement_invoice'
        and verdict = 'resolved'
        and known_on <= getvariable('day_until')
    group by given_no, invoice_no
),

touched_numbers as (
    select invoice_no
    from listed
    where known_on >= getvariable('day_from')
    union
    select given_no
    from resolutions
    where known_on >= getvariable('day_from')
    union
    select invoice_no from matched.steps.changed_invoices
),

touched_statements as (
    select chain_id, statement_no
    from lists
    where known_on >= getvariable('day_from')
    union
    select chain_id, statement_no
    from matched.stated_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
),

pairs as materialized (
    select
        chain_id, statement_no, invoice_no, min(known_on) as first_known_on,
        min_by(place, known_on) as place
    from listed
    where
        invoice_no in (select invoice_no from touched_numbers)
        or (chain_id, statement_no) in (select (chain_id, statement_no) from touched_statements)
    group by chain_id, statement_no, invoice_no
),

invoices as (
    select invoice_no, amount, known_on
    from staged.invoices
    semi join pairs using (invoice_no)
    where known_on <= getvariable('day_until')
    union all
    select
        resolutions.given_no, invoices.amount, greatest(invoices.known_on, resolutions.known_on)
    from staged.invoices
    inner join (
        select resolutions.*
        from resolutions
        semi join pairs on resolutions.given_no = pairs.invoice_no
    ) as resolutions using (invoice_no)
    where invoices.known_on <= getvariable('day_until')
),

goods as (
    select chain_id, invoice_no, receipt_no, change, known_on
    from matched.invoiced_goods
    semi join pairs using (chain_id, invoice_no)
    where known_on <= getvariable('day_until')
),

stated as (
    select chain_id, statement_no, receipt_no, change, known_on
    from matched.stated_goods
    semi join pairs using (chain_id, statement_no)
    semi join goods using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

ends as (
    select invoice_no, known_on
    from matched.invoice_ends
    semi join pairs using (invoice_no)
    where known_on <= getvariable('day_until')
),

opening as (
    select document_no as invoice_no, min(known_on) as known_on
    from staged.opening_items
    where known_on <= getvariable('day_until')
    group by document_no
),

events as (
    select pairs.chain_id, pairs.statement_no, pairs.invoice_no, lists.known_on
    from pairs
    inner join lists using (chain_id, statement_no)
    union
    select pairs.chain_id, pairs.statement_no, pairs.invoice_no, papers.known_on
    from pairs
    inner join (
        select invoice_no, known_on from invoices
        union
        select invoice_no, known_on from ends
        union
        select invoice_no, known_on from opening
    ) as papers using (invoice_no)
    union
    select pairs.chain_id, pairs.statement_no, pairs.invoice_no, goods.known_on
    from pairs
    inner join goods using (chain_id, invoice_no)
    union
    select pairs.chain_id, pairs.statement_no, pairs.invoice_no, stated.known_on
    from pairs
    inner join goods using (chain_id, invoice_no)
    inner join stated using (chain_id, statement_no, receipt_no)
),

days as (
    select events.*
    from events
    inner join pairs using (chain_id, statement_no, invoice_no)
    where events.known_on >= pairs.first_known_on
),

lists_then as (
    select
        days.*, coalesce(listed.amount, 0) as listed, lists.known_on as list_known_on
    from days
    inner join lists
        on
            days.chain_id = lists.chain_id
            and days.statement_no = lists.statement_no
            and days.known_on >= lists.known_on
            and days.known_on < lists.known_until
    left join listed
        on
            days.chain_id = listed.chain_id
            and days.statement_no = listed.statement_no
            and days.invoice_no = listed.invoice_no
            and lists.known_on = listed.known_on
),

papers_then as (
    select
        days.chain_id, days.statement_no, days.invoice_no, days.known_on,
        max_by(invoices.amount, invoices.known_on) as billed
    from days
    inner join invoices
        on days.invoice_no = invoices.invoice_no and days.known_on >= invoices.known_on
    group by all
),

receipts_then as (
    select
        days.chain_id, days.statement_no, days.invoice_no, days.known_on, goods.receipt_no,
        sum(goods.change) as amount
    from days
    inner join goods
        on
            days.chain_id = goods.chain_id
            and days.invoice_no = goods.invoice_no
            and days.known_on >= goods.known_on
    group by all
),

stated_then as (
    select
        receipts.chain_id, receipts.statement_no, receipts.invoice_no, receipts.known_on,
        receipts.receipt_no
    from receipts_then as receipts
    inner join stated
        on
            receipts.chain_id = stated.chain_id
            and receipts.statement_no = stated.statement_no
            and receipts.receipt_no = stated.receipt_no
            and receipts.known_on >= stated.known_on
    group by all
    having sum(stated.change) <> 0
),

goods_then as (
    select
        receipts.chain_id, receipts.statement_no, receipts.invoice_no, receipts.known_on,
        sum(receipts.amount) as explained,
        coalesce(sum(receipts.amount) filter (stated_then.receipt_no is not null), 0) as stated
    from receipts_then as receipts
    left join stated_then using (chain_id, statement_no, invoice_no, known_on, receipt_no)
    group by
        receipts.chain_id, receipts.statement_no, receipts.invoice_no, receipts.known_on
),

judged as (
    select
        days.known_on, days.chain_id, days.statement_no, days.invoice_no, days.listed,
        papers.billed, coalesce(goods.explained, 0) as explained,
        coalesce(goods.stated, 0) as stated,
        case
            when days.listed = 0 then 'unlisted'
            when papers.billed is null and opening.known_on <= days.known_on then 'opening_item'
            when papers.billed is null then 'unknown_invoice'
            when ends.known_on <= days.known_on then 'ended'
            when papers.billed <> days.listed then 'other_amount'
            when coalesce(goods.explained, 0) = 0 then 'without_goods'
            when goods.stated = 0 then 'other_goods'
            when goods.stated <> goods.explained then 'in_part'
            else 'confirmed'
        end as verdict
    from lists_then as days
    left join papers_then as papers using (chain_id, statement_no, invoice_no, known_on)
    left join goods_then as goods using (chain_id, statement_no, invoice_no, known_on)
    left join ends on days.invoice_no = ends.invoice_no
    left join opening on days.invoice_no = opening.invoice_no
),

changes as (
    select
        *,
        lag({'verdict': verdict, 'listed': listed, 'explained': explained, 'stated': stated})
            over pair as before,
        lag(verdict) over pair as verdict_before
    from judged
    window pair as (partition by chain_id, statement_no, invoice_no order by known_on)
),

final as (
    select
        changes.known_on, changes.chain_id, changes.statement_no, changes.invoice_no,
        cast(changes.listed as decimal(18, 2)) as listed, changes.billed,
        cast(changes.explained as decimal(18, 2)) as explained,
        cast(changes.stated as decimal(18, 2)) as stated,
        changes.verdict, changes.verdict_before, place.file_id as file_id,
        place.sheet as sheet, place.row_no as row_no
    from changes
    inner join pairs using (chain_id, statement_no, invoice_no)
    where
        changes.known_on >= getvariable('day_from')
        and {
            'verdict': changes.verdict, 'listed': changes.listed,
            'explained': changes.explained, 'stated': changes.stated
        } is distinct from changes.before
)

select * from final
