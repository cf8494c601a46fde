-- One row per goods receipt and invoice (chain_id, receipt_no, invoice_no) and day on which the
-- amount that the invoice explains of the receipt changed; `amount` holds from then on, 0 is undone.
-- The application register names both papers. An invoice explains no more than its own amount, a
-- receipt is explained no further than its amount; what comes first is served first (day of the
-- application, then the smaller number).

with applications as not materialized (
    select
        chain_id, receipt_no, invoice_no, application_no, known_on, amount, file_id, sheet, row_no
    from matched.resolved_applications as applications
    where known_on <= getvariable('day_until')
),

earlier_applications as not materialized (
    select chain_id, receipt_no, invoice_no, application_no
    from applications
    where known_on < getvariable('day_from')
),

application_days as (
    select
        application_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by application_no order by known_on
        ) as known_until
    from (select distinct application_no, known_on from applications)
),

-- rows that a later version of their application replaced in the window leave their invoice's amount
-- to all others that name it
replaced_rows as (
    select applications.invoice_no
    from applications
    inner join application_days using (application_no, known_on)
    where application_days.known_until between getvariable('day_from') and getvariable('day_until')
),

-- receipts named by a new row, or by an earlier one about a new paper; a new version of an
-- application also touches the receipts that it no longer names
touched as (
    select chain_id, receipt_no
    from applications
    where known_on >= getvariable('day_from') and receipt_no is not null
    union
    select chain_id, receipt_no
    from earlier_applications
    semi join (
        select chain_id, receipt_no
        from staged.goods_receipts
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as receipts using (chain_id, receipt_no)
    union
    select chain_id, receipt_no
    from earlier_applications
    semi join (
        select invoice_no
        from staged.invoices
        where known_on between getvariable('day_from') and getvariable('day_until')
        union
        -- a red invoice ends its blue one, of which nothing new need be said
        select invoice_no
        from matched.invoice_ends
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as invoices using (invoice_no)
    union
    select chain_id, receipt_no
    from earlier_applications
    semi join (
        select application_no from applications where known_on >= getvariable('day_from')
    ) as versions using (application_no)
    union
    select chain_id, receipt_no
    from earlier_applications
    semi join replaced_rows using (invoice_no)
    where receipt_no is not null
),

-- all rows that share an invoice with a touched receipt: they share the invoice's amount
related_invoices as (
    select distinct invoice_no
    from applications
    semi join touched using (chain_id, receipt_no)
    where invoice_no is not null
),

related_rows as (
    select applications.*, application_days.known_until
    from applications
    semi join related_invoices using (invoice_no)
    inner join application_days using (application_no, known_on)
    where applications.receipt_no is not null
),

first_invoices as (
    select
        invoice_no, min(known_on) as known_on, min_by(amount, known_on) as amount,
        min_by(issued_on, known_on) as issued_on, bool_or(is_red) as is_red
    from staged.invoices
    semi join related_invoices using (invoice_no)
    where known_on <= getvariable('day_until')
    group by invoice_no
),

receipt_versions as (
    select chain_id, receipt_no, known_on, amount
    from staged.goods_receipts
    semi join related_rows using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

first_receipts as (
    select
        chain_id, receipt_no, min(known_on) as known_on, min_by(amount, known_on) as amount,
        count(*) as versions
    from receipt_versions
    group by chain_id, receipt_no
),

ends as (
    select * from matched.invoice_ends where known_on <= getvariable('day_until')
),

-- nearly always one row names both papers and no other row names either of them: nothing is shared,
-- and as long as no paper has a second version or an end nothing changes
direct as (
    select
        greatest(named.known_on, invoices.known_on, receipts.known_on) as known_on,
        named.chain_id, named.receipt_no, named.invoice_no, named.application_no,
        part_within(receipts.amount, 0, part_within(invoices.amount, 0, named.amount)) as amount,
        invoices.issued_on, invoices.is_red, named.file_id, named.sheet, named.row_no
    from related_rows as named
    semi join (
        select invoice_no from related_rows group by invoice_no having count(*) = 1
    ) as lone_invoices using (invoice_no)
    semi join (
        select chain_id, receipt_no from related_rows group by all having count(*) = 1
    ) as lone_receipts using (chain_id, receipt_no)
    inner join first_invoices as invoices using (invoice_no)
    inner join first_receipts as receipts using (chain_id, receipt_no)
    anti join ends using (invoice_no)
    where named.known_until = date '9999-12-31' and receipts.versions = 1
),

named as (
    select
        chain_id, receipt_no, invoice_no, application_no, known_on, known_until,
        sum(amount) as amount,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from related_rows
    anti join direct using (invoice_no)
    group by chain_id, receipt_no, invoice_no, application_no, known_on, known_until
),

-- a pair counts from the day on which all three papers are known until one of them ends
pairs as (
    select
        named.* exclude (known_on, known_until),
        first_invoices.amount as invoice_amount,
        first_invoices.issued_on, first_invoices.is_red,
        greatest(named.known_on, first_invoices.known_on, first_receipts.known_on) as starts_on,
        least(named.known_until, coalesce(ends.known_on, date '9999-12-31')) as ends_on,
        ends.ended_effective_on,
        ends.reason as end_reason
    from named
    inner join first_invoices on named.invoice_no = first_invoices.invoice_no
    inner join first_receipts
        on named.chain_id = first_receipts.chain_id and named.receipt_no = first_receipts.receipt_no
    left join ends on named.invoice_no = ends.invoice_no
    where
        greatest(named.known_on, first_invoices.known_on, first_receipts.known_on)
        < least(named.known_until, coalesce(ends.known_on, date '9999-12-31'))
),

replaced_invoices as (
    select distinct invoice_no from named where known_until < date '9999-12-31'
),

-- an invoice of which a row was replaced deals its amount anew on each day on which one starts or
-- ends; any other deals it once, in order
deal_days as (
    select invoice_no, starts_on as day
    from pairs
    semi join replaced_invoices using (invoice_no)
    union
    select invoice_no, ends_on
    from pairs
    semi join replaced_invoices using (invoice_no)
),

deals as (
    select
        invoice_no, day as dealt_on,
        lead(day, 1, date '9999-12-31') over (partition by invoice_no order by day) as dealt_until
    from deal_days
),

holding as (
    select
        pairs.*, deals.dealt_on,
        coalesce(deals.dealt_on, pairs.starts_on) as holds_from,
        coalesce(deals.dealt_until, pairs.ends_on) as holds_until
    from pairs
    left join deals
        on
            pairs.invoice_no = deals.invoice_no
            and pairs.starts_on <= deals.dealt_on
            and pairs.ends_on > deals.dealt_on
),

-- each invoice serves its receipts in order until its own amount is used up
claimed as (
    select
        *,
        coalesce(
            sum(amount) over (
                partition by invoice_no, dealt_on
                order by starts_on, application_no, chain_id, receipt_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as claimed_before
    from holding
),

served as (
    select
        * exclude (claimed_before, invoice_amount, amount, dealt_on),
        cast(part_within(invoice_amount, claimed_before, amount) as decimal(18, 2)) as amount
    from claimed
    semi join touched using (chain_id, receipt_no)
),

change_days as (
    select chain_id, receipt_no, holds_from as known_on from served
    union
    select chain_id, receipt_no, holds_until from served
    where holds_until <= getvariable('day_until')
    union
    select chain_id, receipt_no, known_on
    from receipt_versions
    semi join served using (chain_id, receipt_no)
),

-- per receipt, day and pair: what the pair claims on that day, laid end to end
laid as (
    select
        change_days.chain_id, change_days.receipt_no, change_days.known_on,
        served.invoice_no, served.application_no,
        coalesce(
            sum(served.amount) over (
                partition by change_days.chain_id, change_days.receipt_no, change_days.known_on
                order by served.starts_on, served.invoice_no, served.application_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as laid_before,
        served.amount
    from change_days
    inner join served
        on
            change_days.chain_id = served.chain_id
            and change_days.receipt_no = served.receipt_no
            and change_days.known_on >= served.holds_from
            and change_days.known_on < served.holds_until
),

receipt_amounts as (
    select
        chain_id, receipt_no, amount, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from receipt_versions
    semi join served using (chain_id, receipt_no)
),

explained as (
    select
        laid.chain_id, laid.receipt_no, laid.known_on, laid.invoice_no,
        cast(
            sum(part_within(receipts.amount, laid.laid_before, laid.amount)) as decimal(18, 2)
        ) as amount
    from laid
    inner join receipt_amounts as receipts
        on
            laid.chain_id = receipts.chain_id
            and laid.receipt_no = receipts.receipt_no
            and laid.known_on >= receipts.known_on
            and laid.known_on < receipts.known_until
    group by laid.chain_id, laid.receipt_no, laid.known_on, laid.invoice_no
),

-- on every change day of the receipt each of its invoices has an amount, 0 when it does not count
states as (
    select
        change_days.chain_id, change_days.receipt_no, change_days.known_on,
        invoices.invoice_no,
        coalesce(explained.amount, 0) as amount
    from change_days
    inner join (select distinct chain_id, receipt_no, invoice_no from served) as invoices
        on
            change_days.chain_id = invoices.chain_id
            and change_days.receipt_no = invoices.receipt_no
    left join explained
        on
            change_days.chain_id = explained.chain_id
            and change_days.receipt_no = explained.receipt_no
            and change_days.known_on = explained.known_on
            and invoices.invoice_no = explained.invoice_no
),

changes as (
    select
        *,
        cast(
            amount - coalesce(
                lag(amount) over (
                    partition by chain_id, receipt_no, invoice_no order by known_on
                ),
                0
            ) as decimal(18, 2)
        ) as change
    from states
),

origins as (
    select
        chain_id, receipt_no, invoice_no,
        min(application_no) as application_no,
        min_by(issued_on, starts_on) as issued_on, bool_or(is_red) as is_red,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from served
    group by chain_id, receipt_no, invoice_no
),

on_shared as (
    select
        changes.known_on, changes.chain_id, changes.receipt_no, changes.invoice_no,
        changes.amount, changes.change, origins.application_no,
        -- an end is dated by what ended it
        case
            when ends.known_on = changes.known_on then ends.ended_effective_on
            else origins.issued_on
        end as effective_on,
        origins.issued_on, origins.is_red,
        case
            when changes.amount = 0 and ends.known_on is not null
                then 'invoice ended: ' || ends.reason
            when changes.amount = 0 then 'a later version of the application no longer names both'
            else 'the invoice application names both'
        end as evidence,
        origins.file_id, origins.sheet, origins.row_no
    from changes
    inner join origins using (chain_id, receipt_no, invoice_no)
    left join ends
        on changes.invoice_no = ends.invoice_no and changes.known_on >= ends.known_on
    where changes.change <> 0
),

-- goods count as invoiced from the invoice date
on_direct as (
    select
        known_on, chain_id, receipt_no, invoice_no, amount, amount as change, application_no,
        issued_on as effective_on, issued_on, is_red,
        'the invoice application names both' as evidence,
        file_id, sheet, row_no
    from direct
    where amount <> 0
),

together as (
    select * from on_direct
    union all
    select * from on_shared
),

final as (
    select
        known_on, chain_id, receipt_no, invoice_no,
        cast(amount as decimal(18, 2)) as amount, cast(change as decimal(18, 2)) as change,
        application_no, effective_on, issued_on, is_red, 'application' as rule, evidence,
        file_id, sheet, row_no
    from together
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
