-- One row per part of a goods receipt (chain_id, receipt_no, invoice_no; null is what no invoice
-- covers) and day on which the part left a debtor or store, came to another, or may have got another
-- due date without money moving. The ledger makes entries of them.

with new_receivables as not materialized (
    select * from settled.receivables
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and previous_on is not null
),

moving_receipts as (
    select known_on, chain_id, receipt_no, file_id, sheet, row_no
    from new_receivables
    where debtor_id <> previous_debtor_id or store_id <> previous_store_id
),

redated_receipts as (
    select known_on, chain_id, receipt_no, change, file_id, sheet, row_no
    from new_receivables
    where is_redated
),

charged as (
    select chain_id, receipt_no, known_on, change as amount
    from settled.receivables
    semi join moving_receipts using (chain_id, receipt_no)
    where known_on < getvariable('day_until')
),

goods as (
    select chain_id, receipt_no, invoice_no, known_on, change, issued_on, is_red
    from matched.invoiced_goods
    semi join (
        select chain_id, receipt_no from moving_receipts
        union
        select chain_id, receipt_no from redated_receipts
    ) as changed using (chain_id, receipt_no)
    where known_on < getvariable('day_until')
),

-- another debtor or store: the balance charged so far leaves the old one and comes to the new one
uninvoiced_balances as (
    select
        moving.known_on, moving.chain_id, moving.receipt_no, sum(parts.amount) as amount,
        any_value(moving.file_id) as file_id, any_value(moving.sheet) as sheet,
        any_value(moving.row_no) as row_no
    from moving_receipts as moving
    inner join (
        select chain_id, receipt_no, known_on, amount from charged
        union all
        select chain_id, receipt_no, known_on, -change from goods
    ) as parts
        on
            moving.chain_id = parts.chain_id
            and moving.receipt_no = parts.receipt_no
            and moving.known_on > parts.known_on
    group by moving.known_on, moving.chain_id, moving.receipt_no
),

invoiced_balances as (
    select
        moving.known_on, moving.chain_id, moving.receipt_no, goods.invoice_no,
        any_value(goods.issued_on) as issued_on, any_value(goods.is_red) as is_red,
        sum(goods.change) as amount, any_value(moving.file_id) as file_id,
        any_value(moving.sheet) as sheet, any_value(moving.row_no) as row_no
    from moving_receipts as moving
    inner join goods
        on
            moving.chain_id = goods.chain_id
            and moving.receipt_no = goods.receipt_no
            and moving.known_on > goods.known_on
    group by moving.known_on, moving.chain_id, moving.receipt_no, goods.invoice_no
),

balances as (
    select * from invoiced_balances where amount <> 0
    union all by name
    select * from uninvoiced_balances where amount <> 0
),

redated_goods as (
    select
        redated.known_on, redated.chain_id, redated.receipt_no, goods.invoice_no,
        any_value(goods.issued_on) as issued_on, any_value(goods.is_red) as is_red,
        redated.file_id, redated.sheet, redated.row_no
    from redated_receipts as redated
    inner join goods
        on
            redated.chain_id = goods.chain_id
            and redated.receipt_no = goods.receipt_no
            and redated.known_on > goods.known_on
    group by
        redated.known_on, redated.chain_id, redated.receipt_no, goods.invoice_no,
        redated.file_id, redated.sheet, redated.row_no
),

-- on a first load nothing was invoiced before, which the first day of the table tells
handed_over as (
    select
        handovers.known_on, goods.chain_id, goods.receipt_no, goods.invoice_no,
        any_value(goods.issued_on) as issued_on, any_value(goods.is_red) as is_red,
        min(goods.file_id) as file_id, min(goods.sheet) as sheet, min(goods.row_no) as row_no
    from matched.invoiced_goods as goods
    inner join (
        select invoice_no, known_on
        from staged.invoice_handovers
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and known_on > (select min(known_on) from matched.invoiced_goods)
    ) as handovers
        on goods.invoice_no = handovers.invoice_no and goods.known_on < handovers.known_on
    group by handovers.known_on, goods.chain_id, goods.receipt_no, goods.invoice_no
),

-- the clock starts or changes without money moving: an entry of nothing that carries the due date
redated as (
    select
        known_on, chain_id, receipt_no, file_id, sheet, row_no,
        'other terms or papers date it anew' as evidence
    from redated_receipts
    where change = 0
    union all by name
    select redated_goods.*, 'other terms or papers date it anew' as evidence
    from redated_goods
    anti join handed_over using (known_on, chain_id, receipt_no, invoice_no)
    union all by name
    select *, 'the invoice was handed over' as evidence
    from handed_over
),

final as (
    select
        known_on, chain_id, receipt_no, invoice_no, issued_on, is_red, 'moved' as entry_kind,
        cast(-amount as decimal(18, 2)) as amount, true as is_leaving,
        'the goods stand on another debtor or store from this day' as evidence,
        file_id, sheet, row_no
    from balances
    union all
    select
        known_on, chain_id, receipt_no, invoice_no, issued_on, is_red, 'moved', amount, false,
        'the goods come from another debtor or store', file_id, sheet, row_no
    from balances
    union all
    select
        known_on, chain_id, receipt_no, invoice_no, issued_on, is_red, 'due', 0, false,
        evidence, file_id, sheet, row_no
    from redated
)

select * from final
