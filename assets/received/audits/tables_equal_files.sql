-- One offending row per file whose rows and money in the received tables, or whose rejected rows,
-- are not those counted for it.

with files as (
    select * from received.files
    where known_on between getvariable('day_from') and getvariable('day_until')
),

rejected_rows as (
    select * from received.rejected_rows
    where known_on between getvariable('day_from') and getvariable('day_until')
),

by_kind as (
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.customers
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.customer_aliases
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.settlement_agreements
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.deduction_agreements
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(approved_limit) as amount from received.credit_approvals
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.products
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(planned_amount) as amount from received.sales_plans
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(budget_amount) as amount from received.expense_budgets
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.incidents
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.orders
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.invoice_applications
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.invoices
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount_excl_tax) as amount from received.invoice_lines
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, 0 as amount from received.invoice_handovers
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.statements
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.statement_invoices
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.deduction_notices
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.remittance_advices
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.bank_receipts
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(balance) as amount from received.opening_items
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.promises
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.confirmations
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
    union all by name
    select file_id, is_duplicate, count(*) as row_count, sum(amount) as amount from received.decisions
    where known_on between getvariable('day_from') and getvariable('day_until') group by all
),

accepted as (
    select
        file_id,
        coalesce(sum(row_count) filter (not is_duplicate), 0) as rows_staged,
        coalesce(sum(row_count) filter (is_duplicate), 0) as rows_duplicate,
        coalesce(sum(amount) filter (not is_duplicate), 0) as amount_staged,
        coalesce(sum(amount) filter (is_duplicate), 0) as amount_duplicate
    from by_kind
    group by file_id
),

rejected as (
    select file_id, count(*) as rows_rejected, sum(amount) as amount_rejected
    from rejected_rows
    group by file_id
),

compared as (
    select
        files.known_on, files.path,
        files.rows_staged, coalesce(accepted.rows_staged, 0) as rows_staged_found,
        files.rows_duplicate, coalesce(accepted.rows_duplicate, 0) as rows_duplicate_found,
        files.rows_rejected, coalesce(rejected.rows_rejected, 0) as rows_rejected_found,
        files.amount_staged, coalesce(accepted.amount_staged, 0) as amount_staged_found,
        files.amount_duplicate, coalesce(accepted.amount_duplicate, 0) as amount_duplicate_found,
        files.amount_rejected, coalesce(rejected.amount_rejected, 0) as amount_rejected_found
    from files
    full join accepted on accepted.file_id = files.file_id
    full join rejected on rejected.file_id = coalesce(files.file_id, accepted.file_id)
),

offending as (
    select * from compared
    where
        path is null
        or rows_staged <> rows_staged_found
        or rows_duplicate <> rows_duplicate_found
        or rows_rejected <> rows_rejected_found
        or amount_staged <> amount_staged_found
        or amount_duplicate <> amount_duplicate_found
        or amount_rejected <> amount_rejected_found
)

select * from offending
