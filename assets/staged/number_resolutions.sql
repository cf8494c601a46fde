-- One row per paper and invoice number in it that is no known invoice's whole number (chain_id,
-- paper_kind, paper_no, given_no) and day on which what is known about it changed. Verdicts:
-- `unknown` no invoice has or ends with the number; `resolved` it is the end of one invoice's
-- 20-digit number, the only one of the chain; `ambiguous` several end so and the number stays as
-- given; `contested` another one came after the first was taken, which stays; `exact` the invoice
-- came later under this very number. A red invoice's blue one is listed while it is unknown.

with named_rows as not materialized (
    select
        known_on, 'unknown' as chain_id, 'invoice_handover' as paper_kind, invoice_no as paper_no,
        invoice_no as given_no, cast(null as decimal(18, 2)) as amount, file_id, sheet, row_no
    from received.invoice_handovers
    where is_standing and known_on <= getvariable('day_until')
    union all
    select
        known_on, chain_id, 'invoice_application', application_no, invoice_no, amount,
        file_id, sheet, row_no
    from received.invoice_applications
    where is_standing and known_on <= getvariable('day_until')
    union all
    select
        known_on, chain_id, 'statement', statement_no, invoice_no, amount, file_id, sheet, row_no
    from received.statements
    where is_standing and known_on <= getvariable('day_until')
    union all
    select
        known_on, chain_id, 'statement_invoice', statement_no, invoice_no, amount,
        file_id, sheet, row_no
    from received.statement_invoices
    where is_standing and known_on <= getvariable('day_until')
    union all
    select
        known_on, chain_id, 'remittance_advice', advice_no, invoice_no, amount,
        file_id, sheet, row_no
    from received.remittance_advices
    where is_standing and known_on <= getvariable('day_until')
),

-- the end of a 20-digit number, or the whole number of a paper invoice
short_numbers as not materialized (
    select *, right(given_no, 8) as ending
    from named_rows
    where strlen(given_no) between 8 and 19 and regexp_full_match(given_no, '\d+')
    union all
    select
        known_on, coalesce(chain_id, 'unknown'), 'red_invoice', invoice_no, red_of_invoice_no,
        amount, file_id, sheet, row_no, right(red_of_invoice_no, 8)
    from staged.invoices
    where is_red and red_of_invoice_no is not null and known_on <= getvariable('day_until')
),

touched as (
    select ending from short_numbers where known_on >= getvariable('day_from')
    union
    select right(invoice_no, 8)
    from staged.invoices
    where known_on between getvariable('day_from') and getvariable('day_until')
),

related as (
    select short_numbers.* exclude (chain_id),
        -- the customer of a red invoice may be found by a later version only
        first_value(chain_id) over (
            partition by
                paper_kind, paper_no, given_no, case when paper_kind <> 'red_invoice' then chain_id end
            order by known_on
        ) as chain_id
    from short_numbers
    semi join touched using (ending)
),

-- the first paper that names the number, with the money of its lines
named as (
    select
        chain_id, paper_kind, paper_no, given_no, ending, known_on as named_on,
        sum(amount) as amount,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from (
        select *
        from related
        qualify known_on = min(known_on) over (
            partition by chain_id, paper_kind, paper_no, given_no
        )
    )
    group by chain_id, paper_kind, paper_no, given_no, ending, known_on
),

invoices as (
    select
        invoices.invoice_no, right(invoices.invoice_no, 8) as ending,
        min(invoices.known_on) as known_on,
        min_by(invoices.chain_id, invoices.known_on) as chain_id
    from staged.invoices
    semi join (select distinct ending from named) as endings
        on right(invoices.invoice_no, 8) = endings.ending
    where invoices.known_on <= getvariable('day_until')
    group by invoices.invoice_no
),

-- an invoice whose chain is not known may be of any
fitting as (
    select
        named.chain_id, named.paper_kind, named.paper_no, named.given_no, invoices.invoice_no,
        greatest(named.named_on, invoices.known_on) as fits_from,
        invoices.invoice_no = named.given_no as is_exact
    from named
    inner join invoices using (ending)
    where
        invoices.invoice_no = named.given_no
        or (
            named.paper_kind <> 'red_invoice'
            and length(invoices.invoice_no) = 20
            and ends_with(invoices.invoice_no, named.given_no)
            and (
                named.chain_id = 'unknown'
                or invoices.chain_id is null
                or named.chain_id = invoices.chain_id
            )
        )
),

-- the first day that has an answer decides, if there is one answer only
first_answers as (
    select
        chain_id, paper_kind, paper_no, given_no,
        min(fits_from) as decided_on,
        case
            when count(*) = 1 and not bool_or(is_exact) then min(invoice_no)
        end as invoice_no
    from (
        select *
        from fitting
        qualify fits_from = min(fits_from) over (
            partition by chain_id, paper_kind, paper_no, given_no
        )
    )
    group by chain_id, paper_kind, paper_no, given_no
),

days as (
    select chain_id, paper_kind, paper_no, given_no, named_on as known_on from named
    union
    select chain_id, paper_kind, paper_no, given_no, fits_from from fitting
),

counted as (
    select
        days.*,
        count(fitting.invoice_no) as fits,
        coalesce(bool_or(fitting.is_exact), false) as is_exact,
        string_agg(fitting.invoice_no, ', ' order by fitting.fits_from, fitting.invoice_no)
            as candidates
    from days
    left join fitting
        on
            days.chain_id = fitting.chain_id
            and days.paper_kind = fitting.paper_kind
            and days.paper_no = fitting.paper_no
            and days.given_no = fitting.given_no
            and days.known_on >= fitting.fits_from
    group by all
),

judged as (
    select
        counted.*,
        case when counted.known_on >= answers.decided_on then answers.invoice_no end as invoice_no,
        case
            when counted.fits = 0 then 'unknown'
            when answers.invoice_no is not null and counted.fits = 1 then 'resolved'
            when answers.invoice_no is not null then 'contested'
            when counted.is_exact then 'exact'
            else 'ambiguous'
        end as verdict
    from counted
    left join first_answers as answers using (chain_id, paper_kind, paper_no, given_no)
),

changes as (
    select
        *,
        lag(verdict) over (
            partition by chain_id, paper_kind, paper_no, given_no order by known_on
        ) as verdict_before
    from judged
),

final as (
    select
        changes.known_on, changes.chain_id, changes.paper_kind, changes.paper_no,
        changes.given_no, changes.invoice_no, changes.verdict,
        case changes.verdict
            when 'unknown' then 'no invoice has or ends with ' || changes.given_no
            when 'resolved' then 'only invoice ' || changes.invoice_no || ' ends so'
            when 'ambiguous' then changes.fits || ' invoices end so: ' || changes.candidates
            when 'contested'
                then changes.invoice_no || ' was taken when it was the only one; now '
                    || changes.fits || ' fit: ' || changes.candidates
            else 'the invoice has come under this number'
        end as evidence,
        cast(named.amount as decimal(18, 2)) as amount,
        named.file_id, named.sheet, named.row_no
    from changes
    inner join named using (chain_id, paper_kind, paper_no, given_no)
    where
        changes.known_on between getvariable('day_from') and getvariable('day_until')
        and changes.verdict is distinct from changes.verdict_before
        and not (changes.verdict = 'exact' and changes.verdict_before is null)
)

select * from final
