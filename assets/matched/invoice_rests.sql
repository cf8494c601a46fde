-- One row per invoice (invoice_no) and day on which the part of it changed that no goods receipt
-- explains; `amount` holds from then on. A partial red invoice that names a known invoice lowers
-- the rest of that invoice; an ended invoice has no rest.

with new_contributions as (
    select * from matched.steps.changed_invoices
),

versions as not materialized (
    select
        invoices.invoice_no, invoices.known_on, invoices.amount, invoices.is_red,
        invoices.red_of_invoice_no, invoices.chain_id, invoices.issued_on,
        invoices.file_id, invoices.sheet, invoices.row_no
    from staged.invoices
    where invoices.known_on <= getvariable('day_until')
),

-- red invoices and those that they name
paired as (
    select invoice_no from versions where is_red
    union
    select red_of_invoice_no from versions where red_of_invoice_no is not null
),

first_days as (
    select
        versions.invoice_no,
        min(versions.known_on) as first_known_on,
        bool_or(versions.is_red) as is_red,
        min_by(versions.red_of_invoice_no, versions.known_on) as red_of_invoice_no
    from versions
    semi join paired using (invoice_no)
    group by versions.invoice_no
),

-- a red invoice stands on the invoice that it names, if that one was known by then
red_units as (
    select reds.invoice_no, reds.red_of_invoice_no as unit_no
    from first_days as reds
    inner join first_days as blues
        on reds.red_of_invoice_no = blues.invoice_no
    where reds.is_red and blues.first_known_on <= reds.first_known_on
),

touched_units as (
    select coalesce(red_units.unit_no, new_contributions.invoice_no) as unit_no
    from new_contributions
    left join red_units using (invoice_no)
),

members as (
    select distinct unit_no as invoice_no, unit_no from touched_units
    union
    select red_units.invoice_no, red_units.unit_no
    from red_units
    semi join touched_units using (unit_no)
),

ends as (
    select ends.invoice_no, ends.known_on, ends.ended_effective_on
    from matched.invoice_ends as ends
    semi join members using (invoice_no)
    where ends.known_on <= getvariable('day_until')
),

issued as (
    select
        members.unit_no, versions.invoice_no, versions.known_on, versions.issued_on,
        versions.amount
        - coalesce(
            lag(versions.amount) over (
                partition by versions.invoice_no order by versions.known_on
            ),
            0
        ) as change
    from versions
    inner join members using (invoice_no)
    left join ends using (invoice_no)
    where ends.known_on is null or versions.known_on < ends.known_on
),

ended as (
    select
        issued.unit_no, issued.invoice_no, ends.known_on,
        max(ends.ended_effective_on) as effective_on,
        -sum(issued.change) as change
    from issued
    inner join ends using (invoice_no)
    group by issued.unit_no, issued.invoice_no, ends.known_on
),

contributions as (
    select unit_no, known_on, issued_on as effective_on, change from issued
    union all
    select unit_no, known_on, effective_on, change from ended
    union all
    select members.unit_no, goods.known_on, goods.effective_on, -goods.change
    from matched.invoiced_goods as goods
    inner join members using (invoice_no)
    where goods.known_on <= getvariable('day_until')
),

changes as (
    select unit_no, known_on, max(effective_on) as effective_on, sum(change) as change
    from contributions
    group by unit_no, known_on
    having sum(change) <> 0
),

rests as (
    select
        unit_no, known_on, effective_on, change,
        sum(change) over (partition by unit_no order by known_on) as amount
    from changes
),

papers as (
    select
        invoice_no,
        min_by(chain_id, known_on) as chain_id, min_by(issued_on, known_on) as issued_on,
        min_by(file_id, known_on) as file_id, min_by(sheet, known_on) as sheet,
        min_by(row_no, known_on) as row_no
    from versions
    where invoice_no in (select unit_no from rests)
    group by invoice_no
),

final as (
    select
        rests.known_on, rests.unit_no as invoice_no,
        coalesce(papers.chain_id, 'unknown') as chain_id,
        papers.issued_on, rests.effective_on,
        cast(rests.amount as decimal(18, 2)) as amount,
        cast(rests.change as decimal(18, 2)) as change,
        papers.file_id, papers.sheet, papers.row_no
    from rests
    inner join papers on rests.unit_no = papers.invoice_no
    where rests.known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
