-- One row per invoice that stopped counting (invoice_no) and the day that became known.
-- An invoice ends when it is void, when its status says it is fully reversed, or when red invoices
-- naming it reverse its whole amount. Only the first end counts.

-- nearly all invoices are neither void nor red nor named by a red one
with in_question as (
    select invoice_no
    from staged.invoices
    where known_on <= getvariable('day_until') and (status in ('void', 'red_full') or is_red)
    union
    select red_of_invoice_no
    from staged.invoices
    where known_on <= getvariable('day_until') and red_of_invoice_no is not null
),

changed as (
    select invoice_no, red_of_invoice_no
    from staged.invoices
    semi join in_question using (invoice_no)
    where known_on between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        invoice_no, known_on, amount, status, is_red, red_of_invoice_no, issued_on,
        file_id, sheet, row_no
    from staged.invoices
    semi join in_question using (invoice_no)
    where
        known_on <= getvariable('day_until')
        and (
            invoice_no in (
                select invoice_no from changed
                union all
                select red_of_invoice_no from changed where red_of_invoice_no is not null
            )
            or red_of_invoice_no in (
                select invoice_no from changed
                union all
                select red_of_invoice_no from changed where red_of_invoice_no is not null
            )
        )
),

by_status as (
    select
        invoice_no, known_on,
        -- a void invoice never was; a reversal whose red invoice is not here yet is dated when told
        case when status = 'void' then issued_on else known_on end as ended_effective_on,
        case when status = 'void' then 'void' else 'red_full' end as reason,
        cast(null as varchar) as red_invoice_no,
        file_id, sheet, row_no
    from versions
    where status in ('void', 'red_full') and not is_red
    union all
    select
        invoice_no, known_on, issued_on, 'void', null, file_id, sheet, row_no
    from versions
    where status = 'void' and is_red
),

-- the first version of a red invoice says for how much it reverses its blue one
reversals as (
    select red_of_invoice_no as invoice_no, invoice_no as red_invoice_no, known_on, amount,
        issued_on, file_id, sheet, row_no
    from versions
    where is_red and red_of_invoice_no is not null and status <> 'void'
    qualify row_number() over (partition by invoice_no order by known_on) = 1
),

blue as (
    select invoice_no, known_on, amount
    from versions
    where not is_red
    qualify row_number() over (partition by invoice_no order by known_on) = 1
),

reversed as (
    select
        blue.invoice_no,
        greatest(reversals.known_on, blue.known_on) as known_on,
        reversals.issued_on as ended_effective_on,
        reversals.red_invoice_no,
        reversals.file_id, reversals.sheet, reversals.row_no,
        blue.amount
        + sum(reversals.amount) over (
            partition by blue.invoice_no order by reversals.known_on, reversals.red_invoice_no
        ) as left_over
    from blue
    inner join reversals on blue.invoice_no = reversals.invoice_no
),

completed as (
    select invoice_no, min(known_on) as known_on, min_by(ended_effective_on, known_on) as effective_on
    from reversed
    where left_over <= 0
    group by invoice_no
),

ends as (
    select * from by_status
    union all
    select
        reversed.invoice_no, completed.known_on, completed.effective_on, 'red_full',
        reversed.red_invoice_no, reversed.file_id, reversed.sheet, reversed.row_no
    from completed
    inner join reversed
        on completed.invoice_no = reversed.invoice_no and completed.known_on = reversed.known_on
    union all
    -- the red invoices of a fully reversed one end together with it
    select
        reversed.red_invoice_no, greatest(reversed.known_on, completed.known_on),
        completed.effective_on, 'red_full', reversed.red_invoice_no,
        reversed.file_id, reversed.sheet, reversed.row_no
    from completed
    inner join reversed on completed.invoice_no = reversed.invoice_no
),

first_ends as (
    select * from ends
    qualify row_number() over (
        partition by invoice_no order by known_on, red_invoice_no nulls last
    ) = 1
),

final as (
    select * from first_ends
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
