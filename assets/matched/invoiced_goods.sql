-- One row per goods receipt and invoice (chain_id, receipt_no, invoice_no) and day on which the
-- amount that the invoice explains of the receipt changed; `amount` holds from then on, 0 is undone.
-- The application register names both papers. An invoice explains no more than its own amount, a
-- receipt is explained no further than its amount; what comes first is served first (day of the
-- application, then the smaller number).

with touched as (
    select chain_id, receipt_no
    from staged.invoice_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select chain_id, receipt_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select applications.chain_id, applications.receipt_no
    from staged.invoice_applications as applications
    where
        applications.known_on <= getvariable('day_until')
        and applications.invoice_no in (
            select invoice_no from staged.invoices
            where known_on between getvariable('day_from') and getvariable('day_until')
        )
    union
    -- a row dropped by a later version of its application
    select earlier.chain_id, earlier.receipt_no
    from staged.invoice_applications as earlier
    where
        earlier.known_on < getvariable('day_until')
        and earlier.application_no in (
            select application_no from staged.invoice_applications
            where known_on between getvariable('day_from') and getvariable('day_until')
        )
),

-- all rows that share an invoice with a touched receipt: they share the invoice's amount
related_invoices as (
    select distinct applications.invoice_no
    from staged.invoice_applications as applications
    inner join touched
        on
            applications.chain_id = touched.chain_id
            and applications.receipt_no = touched.receipt_no
    where applications.known_on <= getvariable('day_until') and applications.invoice_no is not null
),

application_days as (
    select
        application_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by application_no order by known_on
        ) as known_until
    from (
        select distinct application_no, known_on
        from staged.invoice_applications
        where known_on <= getvariable('day_until')
    )
),

named as (
    select
        applications.chain_id, applications.receipt_no, applications.invoice_no,
        applications.application_no, applications.known_on, application_days.known_until,
        sum(applications.amount) as amount,
        min(applications.file_id) as file_id,
        min_by(applications.sheet, applications.row_no) as sheet,
        min(applications.row_no) as row_no
    from staged.invoice_applications as applications
    inner join application_days
        on
            applications.application_no = application_days.application_no
            and applications.known_on = application_days.known_on
    where
        applications.invoice_no in (select invoice_no from related_invoices)
        and applications.receipt_no is not null
    group by all
),

first_invoices as (
    select
        invoice_no, min(known_on) as known_on, min_by(amount, known_on) as amount,
        min_by(issued_on, known_on) as issued_on
    from staged.invoices
    where
        known_on <= getvariable('day_until')
        and invoice_no in (select invoice_no from related_invoices)
    group by invoice_no
),

receipt_versions as (
    select
        chain_id, receipt_no, known_on, amount, receipt_date,
        min(known_on) over (partition by chain_id, receipt_no) as first_known_on
    from staged.goods_receipts
    where known_on <= getvariable('day_until')
        and (chain_id, receipt_no) in (select (chain_id, receipt_no) from named)
),

first_receipts as (
    select chain_id, receipt_no, known_on
    from receipt_versions
    where known_on = first_known_on
),

-- a pair counts from the day on which all three papers are known until one of them ends
pairs as (
    select
        named.* exclude (known_on, known_until),
        first_invoices.amount as invoice_amount,
        first_invoices.issued_on,
        greatest(named.known_on, first_invoices.known_on, first_receipts.known_on) as starts_on,
        least(named.known_until, coalesce(ends.known_on, date '9999-12-31')) as ends_on,
        ends.ended_effective_on,
        ends.reason as end_reason
    from named
    inner join first_invoices on named.invoice_no = first_invoices.invoice_no
    inner join first_receipts
        on named.chain_id = first_receipts.chain_id and named.receipt_no = first_receipts.receipt_no
    left join matched.invoice_ends as ends
        on named.invoice_no = ends.invoice_no and ends.known_on <= getvariable('day_until')
    where
        greatest(named.known_on, first_invoices.known_on, first_receipts.known_on)
        < least(named.known_until, coalesce(ends.known_on, date '9999-12-31'))
),

-- each invoice serves its receipts in order until its own amount is used up
claimed as (
    select
        *,
        coalesce(
            sum(amount) over (
                partition by invoice_no
                order by starts_on, application_no, chain_id, receipt_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as claimed_before
    from pairs
),

served as (
    select
        * exclude (claimed_before, invoice_amount, amount),
        cast(
            sign(invoice_amount) * (
                least(
                    greatest(sign(invoice_amount) * (claimed_before + amount), 0),
                    abs(invoice_amount)
                )
                - least(greatest(sign(invoice_amount) * claimed_before, 0), abs(invoice_amount))
            ) as decimal(18, 2)
        ) as amount
    from claimed
    where (chain_id, receipt_no) in (select (chain_id, receipt_no) from touched)
),

change_days as (
    select chain_id, receipt_no, starts_on as known_on from served
    union
    select chain_id, receipt_no, ends_on from served
    where ends_on <= getvariable('day_until')
    union
    select chain_id, receipt_no, known_on from receipt_versions
    where (chain_id, receipt_no) in (select (chain_id, receipt_no) from served)
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
            and change_days.known_on >= served.starts_on
            and change_days.known_on < served.ends_on
),

receipt_amounts as (
    select
        chain_id, receipt_no, amount, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from receipt_versions
),

explained as (
    select
        laid.chain_id, laid.receipt_no, laid.known_on, laid.invoice_no,
        cast(
            sum(
                sign(receipts.amount) * (
                    least(
                        greatest(sign(receipts.amount) * (laid.laid_before + laid.amount), 0),
                        abs(receipts.amount)
                    )
                    - least(
                        greatest(sign(receipts.amount) * laid.laid_before, 0), abs(receipts.amount)
                    )
                )
            ) as decimal(18, 2)
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
        min_by(issued_on, starts_on) as issued_on,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from served
    group by chain_id, receipt_no, invoice_no
),

final as (
    select
        changes.known_on, changes.chain_id, changes.receipt_no, changes.invoice_no,
        cast(changes.amount as decimal(18, 2)) as amount,
        changes.change,
        origins.application_no,
        -- goods count as invoiced from the invoice date; an end is dated by what ended it
        case
            when ends.known_on = changes.known_on then ends.ended_effective_on
            else origins.issued_on
        end as effective_on,
        'application' as rule,
        case
            when changes.amount = 0 and ends.known_on is not null then 'invoice ended: ' || ends.reason
            when changes.amount = 0 then 'a later version of the application no longer names both'
            else 'the invoice application names both'
        end as evidence,
        origins.file_id, origins.sheet, origins.row_no
    from changes
    inner join origins
        on
            changes.chain_id = origins.chain_id
            and changes.receipt_no = origins.receipt_no
            and changes.invoice_no = origins.invoice_no
    left join matched.invoice_ends as ends
        on changes.invoice_no = ends.invoice_no and ends.known_on <= changes.known_on
    where
        changes.change <> 0
        and changes.known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
