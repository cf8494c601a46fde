-- One row per bank receipt, goods receipt, invoice that explains it, debtor and store (transaction_no,
-- receipt_no, invoice_no) and day on which what the payment applies to the goods changed; `amount` is
-- the change. Inside a goods receipt the invoiced parts come first, in the order of their invoicing,
-- then what is not invoiced; an invoice that comes later takes the payment over from the uninvoiced
-- part. Of goods on consignment what is reported as sold is paid, and no more.

with goods_clearings as not materialized (
    select
        chain_id, unit_no as receipt_no, account_no, transaction_no, known_on, received_on, rule,
        evidence, amount, file_id, sheet, row_no
    from matched.clearings
    where known_on <= getvariable('day_until') and unit_kind = 'goods_receipt'
),

touched as (
    select chain_id, receipt_no
    from goods_clearings
    where known_on >= getvariable('day_from')
    union
    select chain_id, receipt_no
    from goods_clearings
    semi join (
        select chain_id, receipt_no
        from matched.invoiced_goods
        where known_on between getvariable('day_from') and getvariable('day_until')
        union all
        select chain_id, receipt_no
        from settled.receivables
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as changed using (chain_id, receipt_no)
    where known_on < getvariable('day_from')
),

accepted as (
    select
        chain_id, receipt_no, known_on, order_no, debtor_id, store_id, receipt_date, amount
    from settled.receivables
    semi join touched using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

invoiced as (
    select
        chain_id, receipt_no, invoice_no, known_on, amount, effective_on, issued_on, is_red
    from matched.invoiced_goods
    semi join touched using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

paid as (
    select * from goods_clearings semi join touched using (chain_id, receipt_no)
),

single_rows as (
    select chain_id, receipt_no
    from (
        select chain_id, receipt_no, 1 as accepted, 0 as invoiced, 0 as paid from accepted
        union all
        select chain_id, receipt_no, 0, 1, 0 from invoiced
        union all
        select chain_id, receipt_no, 0, 0, 1 from paid
    )
    group by chain_id, receipt_no
    having sum(accepted) = 1 and sum(invoiced) = 1 and sum(paid) = 1
),

-- nearly always goods are accepted once, invoiced once, then paid once within the invoice:
-- the payment stands on that invoice, and there is nothing to lay out
at_once as (
    select
        paid.*, accepted.order_no, accepted.debtor_id, accepted.store_id,
        invoiced.invoice_no, invoiced.issued_on, invoiced.is_red,
        greatest(paid.received_on, accepted.receipt_date, invoiced.effective_on) as effective_on
    from paid
    semi join single_rows using (chain_id, receipt_no)
    inner join accepted
        on
            paid.chain_id = accepted.chain_id
            and paid.receipt_no = accepted.receipt_no
            and paid.known_on >= accepted.known_on
    inner join invoiced
        on
            paid.chain_id = invoiced.chain_id
            and paid.receipt_no = invoiced.receipt_no
            and paid.known_on >= invoiced.known_on
    where
        sign(paid.amount) = sign(accepted.amount)
        and abs(paid.amount) <= abs(invoiced.amount)
),

histories as (
    select * from touched anti join at_once using (chain_id, receipt_no)
),

receivables as (
    select
        accepted.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from accepted
    semi join histories using (chain_id, receipt_no)
),

invoice_parts as (
    select
        invoiced.*,
        min(known_on) over (partition by chain_id, receipt_no, invoice_no) as first_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no, invoice_no order by known_on
        ) as known_until
    from invoiced
    semi join histories using (chain_id, receipt_no)
),

payments as (
    select
        chain_id, receipt_no, account_no, transaction_no,
        min(known_on) as first_on, min(received_on) as received_on, min(file_id) as file_id,
        min(sheet) as sheet, min(row_no) as row_no
    from paid
    semi join histories using (chain_id, receipt_no)
    group by chain_id, receipt_no, account_no, transaction_no
),

-- by what rule a payment stands on its goods may change
told as (
    select
        chain_id, receipt_no, account_no, transaction_no, known_on as told_on,
        min(rule) as rule, min(evidence) as evidence,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no, account_no, transaction_no order by known_on
        ) as told_until
    from paid
    semi join histories using (chain_id, receipt_no)
    group by chain_id, receipt_no, account_no, transaction_no, known_on
),

first_paid as (
    select chain_id, receipt_no, min(first_on) as first_on from payments group by all
),

-- days on which a payment, an invoice or the goods change what is paid
changed_days as (
    select chain_id, receipt_no, known_on
    from paid
    semi join histories using (chain_id, receipt_no)
    union
    select changes.chain_id, changes.receipt_no, changes.known_on
    from (
        select chain_id, receipt_no, known_on from invoice_parts
        union all
        select chain_id, receipt_no, known_on from receivables
    ) as changes
    inner join first_paid using (chain_id, receipt_no)
    where changes.known_on > first_paid.first_on
),

days as (
    select *, lead(known_on) over (partition by chain_id, receipt_no order by known_on) as next_on
    from changed_days
),

states as (
    select days.*, receivables.* exclude (chain_id, receipt_no, known_on, known_until),
        sign(receivables.amount) as side
    from days
    inner join receivables
        on
            days.chain_id = receivables.chain_id
            and days.receipt_no = receivables.receipt_no
            and days.known_on >= receivables.known_on
            and days.known_on < receivables.known_until
),

-- the receipt laid out on a line: invoiced parts by age, then the uninvoiced rest
parts as (
    select
        states.chain_id, states.receipt_no, states.known_on, 1 as turn, invoice_parts.first_on,
        invoice_parts.invoice_no, abs(invoice_parts.amount) as amount, invoice_parts.effective_on
    from states
    inner join invoice_parts
        on
            states.chain_id = invoice_parts.chain_id
            and states.receipt_no = invoice_parts.receipt_no
            and states.known_on >= invoice_parts.known_on
            and states.known_on < invoice_parts.known_until
    where invoice_parts.amount <> 0
    union all
    select
        chain_id, receipt_no, known_on, 2, date '9999-12-31', null, abs(amount), receipt_date
    from states
),

laid as (
    select
        *,
        coalesce(
            sum(amount) over (
                partition by chain_id, receipt_no, known_on
                order by turn, first_on, invoice_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as begins,
        max(effective_on) over (partition by chain_id, receipt_no, known_on) as effective_from
    from parts
),

-- the last part ends where the receipt ends, however much is invoiced
segments as (
    select
        *,
        case when turn = 2 then greatest(amount, begins) else begins + amount end as ends
    from laid
),

paid_so_far as (
    select
        states.chain_id, states.receipt_no, states.known_on, states.next_on, states.debtor_id,
        states.store_id, states.side, payments.account_no, payments.transaction_no,
        payments.first_on, payments.received_on,
        sum(states.side * paid.amount) as amount
    from states
    inner join paid
        on
            states.chain_id = paid.chain_id
            and states.receipt_no = paid.receipt_no
            and states.known_on >= paid.known_on
    inner join payments
        on
            paid.chain_id = payments.chain_id
            and paid.receipt_no = payments.receipt_no
            and paid.account_no = payments.account_no
            and paid.transaction_no = payments.transaction_no
    group by all
),

paid_laid as (
    select
        *,
        coalesce(
            sum(amount) over (
                partition by chain_id, receipt_no, known_on
                order by first_on, transaction_no, account_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as begins
    from paid_so_far
),

applied as (
    select
        paid_laid.* exclude (amount, begins), segments.invoice_no,
        greatest(paid_laid.received_on, segments.effective_from) as effective_on,
        paid_laid.side
        * (
            least(paid_laid.begins + paid_laid.amount, segments.ends)
            - greatest(paid_laid.begins, segments.begins)
        ) as amount
    from paid_laid
    inner join segments
        on
            paid_laid.chain_id = segments.chain_id
            and paid_laid.receipt_no = segments.receipt_no
            and paid_laid.known_on = segments.known_on
            and paid_laid.begins < segments.ends
            and segments.begins < paid_laid.begins + paid_laid.amount
),

-- what is applied on a day stands until the receipt's next day
turns as (
    select
        known_on, chain_id, receipt_no, debtor_id, store_id, account_no, transaction_no,
        invoice_no, amount
    from applied
    union all
    select
        next_on, chain_id, receipt_no, debtor_id, store_id, account_no, transaction_no,
        invoice_no, -amount
    from applied
    where next_on is not null
),

goods_changes as (
    select * exclude (amount), sum(amount) as amount from turns group by all having sum(amount) <> 0
),

effective_days as (
    select chain_id, receipt_no, known_on, transaction_no, max(effective_on) as effective_on
    from applied
    group by all
),

invoices as (
    select chain_id, receipt_no, invoice_no, min(issued_on) as issued_on, bool_or(is_red) as is_red
    from invoice_parts
    group by all
),

over_time as (
    select
        goods_changes.known_on,
        coalesce(effective_days.effective_on, payments.received_on) as effective_on,
        goods_changes.account_no, goods_changes.transaction_no, goods_changes.chain_id,
        goods_changes.receipt_no, goods_changes.invoice_no, invoices.is_red,
        coalesce(invoices.issued_on, states.receipt_date) as document_on, states.order_no,
        goods_changes.debtor_id, goods_changes.store_id, goods_changes.amount, told.rule,
        told.evidence, payments.file_id, payments.sheet, payments.row_no
    from goods_changes
    inner join payments using (chain_id, receipt_no, account_no, transaction_no)
    inner join states using (chain_id, receipt_no, known_on)
    left join effective_days using (chain_id, receipt_no, known_on, transaction_no)
    left join invoices using (chain_id, receipt_no, invoice_no)
    inner join told
        on
            goods_changes.chain_id = told.chain_id
            and goods_changes.receipt_no = told.receipt_no
            and goods_changes.account_no = told.account_no
            and goods_changes.transaction_no = told.transaction_no
            and goods_changes.known_on >= told.told_on
            and goods_changes.known_on < told.told_until
),

final as (
    select
        known_on, effective_on, account_no, transaction_no, chain_id, receipt_no, invoice_no,
        is_red, issued_on as document_on, order_no, debtor_id, store_id, amount, rule, evidence,
        file_id, sheet, row_no
    from at_once
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select *
    from over_time
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
