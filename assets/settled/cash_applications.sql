-- One row per bank receipt, item, debtor and store (transaction_no, item_id) and day on which
-- what the payment applies to the item changed; `amount` is the change. Deductions netted by a
-- payment are negative, so the rows of a payment sum to the cash that found its place.
-- Inside a goods receipt the invoiced parts come first, in the order of their invoicing, then what
-- is not invoiced; an invoice that comes later takes the payment over from the uninvoiced part.

with clearings as (
    select * from matched.clearings where known_on <= getvariable('day_until')
),

touched as (
    select chain_id, unit_no as receipt_no
    from clearings
    where unit_kind = 'goods_receipt' and known_on >= getvariable('day_from')
    union
    select clearings.chain_id, clearings.unit_no
    from clearings
    semi join (
        select chain_id, receipt_no as unit_no
        from matched.invoiced_goods
        where known_on between getvariable('day_from') and getvariable('day_until')
        union
        select chain_id, receipt_no
        from settled.receivables
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as changed using (chain_id, unit_no)
    where clearings.unit_kind = 'goods_receipt'
),

receivables as (
    select receivables.*,
        lead(receivables.known_on, 1, date '9999-12-31') over (
            partition by receivables.chain_id, receivables.receipt_no
            order by receivables.known_on
        ) as known_until
    from settled.receivables
    semi join touched using (chain_id, receipt_no)
    where receivables.known_on <= getvariable('day_until')
),

invoiced as (
    select
        goods.chain_id, goods.receipt_no, goods.invoice_no, goods.known_on, goods.amount,
        goods.effective_on,
        min(goods.known_on) over part as first_on,
        lead(goods.known_on, 1, date '9999-12-31') over (
            partition by goods.chain_id, goods.receipt_no, goods.invoice_no
            order by goods.known_on
        ) as known_until
    from matched.invoiced_goods as goods
    semi join touched using (chain_id, receipt_no)
    where goods.known_on <= getvariable('day_until')
    window part as (partition by goods.chain_id, goods.receipt_no, goods.invoice_no)
),

paid as (
    select
        clearings.chain_id, clearings.unit_no as receipt_no, clearings.account_no,
        clearings.transaction_no, clearings.known_on,
        min(clearings.received_on) as received_on, min(clearings.rule) as rule,
        min(clearings.evidence) as evidence, sum(clearings.amount) as amount,
        min(clearings.file_id) as file_id, min(clearings.sheet) as sheet,
        min(clearings.row_no) as row_no
    from clearings
    semi join touched
        on clearings.chain_id = touched.chain_id and clearings.unit_no = touched.receipt_no
    where clearings.unit_kind = 'goods_receipt'
    group by
        clearings.chain_id, clearings.unit_no, clearings.account_no, clearings.transaction_no,
        clearings.known_on
),

payments as (
    select
        chain_id, receipt_no, account_no, transaction_no,
        min(known_on) as first_on, min(received_on) as received_on, min(rule) as rule,
        min(evidence) as evidence, min(file_id) as file_id, min(sheet) as sheet,
        min(row_no) as row_no
    from paid
    group by chain_id, receipt_no, account_no, transaction_no
),

first_paid as (
    select chain_id, receipt_no, min(first_on) as first_on from payments group by all
),

days as (
    select chain_id, receipt_no, known_on from paid
    union
    select invoiced.chain_id, invoiced.receipt_no, invoiced.known_on
    from invoiced
    inner join first_paid using (chain_id, receipt_no)
    where invoiced.known_on > first_paid.first_on
    union
    select receivables.chain_id, receivables.receipt_no, receivables.known_on
    from receivables
    inner join first_paid using (chain_id, receipt_no)
    where receivables.known_on > first_paid.first_on
),

states as (
    select
        days.chain_id, days.receipt_no, days.known_on, receivables.debtor_id,
        receivables.store_id, receivables.receipt_date, receivables.amount, sign(receivables.amount) as side
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
        states.chain_id, states.receipt_no, states.known_on, 1 as turn, invoiced.first_on,
        invoiced.invoice_no, abs(invoiced.amount) as amount, invoiced.effective_on
    from states
    inner join invoiced
        on
            states.chain_id = invoiced.chain_id
            and states.receipt_no = invoiced.receipt_no
            and states.known_on >= invoiced.known_on
            and states.known_on < invoiced.known_until
    where invoiced.amount <> 0
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
        laid.chain_id, laid.receipt_no, laid.known_on, laid.invoice_no, laid.effective_from,
        laid.begins,
        case when laid.turn = 2 then greatest(laid.amount, laid.begins)
            else laid.begins + laid.amount end as ends
    from laid
),

paid_so_far as (
    select
        states.chain_id, states.receipt_no, states.known_on, states.debtor_id, states.store_id,
        states.side, payments.account_no, payments.transaction_no, payments.first_on, payments.received_on,
        sum(states.side * paid.amount) as amount
    from states
    inner join paid
        on
            states.chain_id = paid.chain_id
            and states.receipt_no = paid.receipt_no
            and paid.known_on <= states.known_on
    inner join payments
        on
            paid.chain_id = payments.chain_id
            and paid.receipt_no = payments.receipt_no
            and paid.account_no = payments.account_no
            and paid.transaction_no = payments.transaction_no
    group by
        states.chain_id, states.receipt_no, states.known_on, states.debtor_id, states.store_id,
        states.side, payments.account_no, payments.transaction_no, payments.first_on, payments.received_on
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
        paid_laid.chain_id, paid_laid.receipt_no, paid_laid.known_on, paid_laid.debtor_id,
        paid_laid.store_id,
        paid_laid.account_no, paid_laid.transaction_no, segments.invoice_no,
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

-- a place that a payment once had counts as 0 on the receipt's later days
places as (
    select distinct
        chain_id, receipt_no, debtor_id, store_id, account_no, transaction_no, invoice_no
    from applied
),

filled as (
    select
        places.*, days.known_on,
        coalesce(applied.amount, 0) as amount,
        max(applied.effective_on) over (
            partition by days.chain_id, days.receipt_no, days.known_on, places.transaction_no
        ) as effective_on
    from places
    inner join days using (chain_id, receipt_no)
    left join applied
        on
            places.chain_id = applied.chain_id
            and places.receipt_no = applied.receipt_no
            and places.debtor_id = applied.debtor_id
            and places.store_id = applied.store_id
            and places.account_no = applied.account_no
            and places.transaction_no = applied.transaction_no
            and places.invoice_no is not distinct from applied.invoice_no
            and days.known_on = applied.known_on
),

goods_changes as (
    select
        *,
        amount - coalesce(
            lag(amount) over (
                partition by
                    chain_id, receipt_no, debtor_id, store_id, account_no, transaction_no,
                    invoice_no
                order by known_on
            ),
            0
        ) as change
    from filled
),

on_goods as (
    select
        goods_changes.known_on,
        coalesce(goods_changes.effective_on, payments.received_on) as effective_on,
        goods_changes.account_no, goods_changes.transaction_no, goods_changes.chain_id,
        case when goods_changes.invoice_no is null then 'uninvoiced' else 'invoice' end as part,
        goods_changes.receipt_no, goods_changes.invoice_no, goods_changes.debtor_id,
        goods_changes.store_id,
        goods_changes.change as amount, payments.rule, payments.evidence,
        payments.file_id, payments.sheet, payments.row_no
    from goods_changes
    inner join payments using (chain_id, receipt_no, account_no, transaction_no)
    where
        goods_changes.change <> 0
        and goods_changes.known_on between getvariable('day_from') and getvariable('day_until')
),

on_others as (
    select
        clearings.known_on, clearings.received_on as effective_on,
        clearings.account_no, clearings.transaction_no, clearings.chain_id,
        case clearings.unit_kind when 'invoice' then 'rest' else clearings.unit_kind end as part,
        clearings.unit_no as receipt_no, clearings.unit_no as invoice_no,
        cast(null as varchar) as debtor_id, cast(null as varchar) as store_id, clearings.amount, clearings.rule, clearings.evidence,
        clearings.file_id, clearings.sheet, clearings.row_no
    from clearings
    where
        clearings.unit_kind <> 'goods_receipt'
        and clearings.known_on between getvariable('day_from') and getvariable('day_until')
),

rest_debtors as (
    select
        invoice_no, debtor_id, store_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by invoice_no order by known_on)
            as known_until
    from settled.invoice_rests
    where known_on <= getvariable('day_until')
),

statement_debtors as (
    select
        debtors.chain_id, debtors.statement_no,
        min_by(debtors.debtor_id, debtors.known_on) as debtor_id,
        min_by(debtors.party_id, debtors.known_on) as party_id
    from settled.statement_debtors as debtors
    where debtors.known_on <= getvariable('day_until')
    group by debtors.chain_id, debtors.statement_no
),

statement_stores as (
    select
        chain_id, statement_no || '#' || cast(line_no as varchar) as unit_no,
        min_by(store_id, known_on) as store_id
    from staged.statement_lines
    where
        known_on <= getvariable('day_until')
        and line_kind not in ('receipt', 'return')
        and store_id is not null
    group by all
),

payers as (
    select
        account_no, transaction_no,
        min_by(coalesce(payer_id, 'unknown:' || payer_name), known_on) as payer_id
    from staged.bank_receipts
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

others as (
    select
        on_others.* replace (
            coalesce(
                rest_debtors.debtor_id, statement_debtors.debtor_id, items.customer_id,
                payers.payer_id
            ) as debtor_id,
            coalesce(
                rest_debtors.store_id, statement_stores.store_id, statement_debtors.party_id,
                statement_debtors.debtor_id, items.store_id, payers.payer_id
            ) as store_id
        )
    from on_others
    left join rest_debtors
        on
            case when on_others.part = 'rest' then on_others.invoice_no end
            = rest_debtors.invoice_no
            and on_others.known_on >= rest_debtors.known_on
            and on_others.known_on < rest_debtors.known_until
    left join statement_debtors
        on
            on_others.chain_id = statement_debtors.chain_id
            and case
                when on_others.part in ('deduction', 'adjustment')
                    then split_part(on_others.invoice_no, '#', 1)
            end = statement_debtors.statement_no
    left join statement_stores
        on
            on_others.chain_id = statement_stores.chain_id
            and case
                when on_others.part in ('deduction', 'adjustment') then on_others.invoice_no
            end = statement_stores.unit_no
    left join (
        select
            item_id, min_by(customer_id, known_on) as customer_id,
            min_by(store_id, known_on) as store_id
        from staged.opening_items
        group by item_id
    ) as items
        on case when on_others.part = 'opening_item' then on_others.invoice_no end = items.item_id
    left join payers
        on
            on_others.account_no = payers.account_no
            and on_others.transaction_no = payers.transaction_no
),

placed as (
    select * from on_goods
    union all
    select * from others
),

final as (
    select
        known_on, effective_on, account_no, transaction_no, chain_id,
        case part
            when 'uninvoiced' then substr(md5('uninvoiced|' || chain_id || '|' || receipt_no), 1, 16)
            when 'invoice'
                then substr(md5('invoice|' || invoice_no || '|' || chain_id || '|' || receipt_no), 1, 16)
            when 'rest' then substr(md5('invoice|' || invoice_no), 1, 16)
            when 'opening_item' then invoice_no
            else substr(md5(part || '|' || chain_id || '|' || invoice_no), 1, 16)
        end as item_id,
        part,
        case when part in ('uninvoiced', 'invoice') then receipt_no end as receipt_no,
        case when part in ('invoice', 'rest') then invoice_no end as invoice_no,
        case when part in ('deduction', 'adjustment', 'opening_item') then invoice_no end as unit_no,
        debtor_id, store_id,
        cast(amount as decimal(18, 2)) as amount, rule, evidence, file_id, sheet, row_no
    from placed
)

select * from final
