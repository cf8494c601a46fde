-- One row per goods receipt and statement (chain_id, receipt_no, statement_no) and day on which
-- what the statement says of the receipt changed; `amount` holds from then on, 0 is dropped.
-- Counts from the day on which both papers are known; a later version of a statement replaces all.

-- a statement is known anew on a day on which one of its lines is found to mean another receipt
with all_days as not materialized (
    select chain_id, statement_no, known_on
    from staged.statements
    where known_on <= getvariable('day_until')
    union
    select chain_id, statement_no, known_on
    from matched.resolved_statement_lines
    where known_on <= getvariable('day_until') and known_on > came_on
),

new_receipts as (
    select distinct chain_id, receipt_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
),

touched as (
    select chain_id, statement_no from all_days where known_on >= getvariable('day_from')
    union
    select lines.chain_id, lines.statement_no
    from matched.resolved_statement_lines as lines
    semi join new_receipts using (chain_id, receipt_no)
    where lines.known_on <= getvariable('day_until')
),

statement_days as (
    select
        chain_id, statement_no, known_on,
        lag(known_on) over paper as previous_on,
        lead(known_on, 1, date '9999-12-31') over paper as known_until
    from all_days
    semi join touched using (chain_id, statement_no)
    window paper as (partition by chain_id, statement_no order by known_on)
),

listed as (
    select
        lines.chain_id, lines.statement_no, lines.receipt_no, lines.known_on,
        sum(lines.amount) as amount,
        min(lines.file_id) as file_id,
        min_by(lines.sheet, lines.row_no) as sheet,
        min(lines.row_no) as row_no
    from matched.resolved_statement_lines as lines
    semi join touched using (chain_id, statement_no)
    where
        lines.known_on <= getvariable('day_until')
        and lines.line_kind in ('receipt', 'return')
        and lines.receipt_no is not null
    group by lines.chain_id, lines.statement_no, lines.receipt_no, lines.known_on
),

receipts as (
    select receipts.chain_id, receipts.receipt_no, min(receipts.known_on) as first_known_on
    from staged.goods_receipts as receipts
    semi join listed using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
    group by receipts.chain_id, receipts.receipt_no
),

held as (
    select
        listed.*,
        statement_days.previous_on,
        statement_days.known_until,
        receipts.first_known_on,
        greatest(listed.known_on, receipts.first_known_on) as made_on
    from listed
    inner join statement_days using (chain_id, statement_no, known_on)
    inner join receipts using (chain_id, receipt_no)
    where greatest(listed.known_on, receipts.first_known_on) < statement_days.known_until
),

with_neighbours as (
    select
        held.*,
        case
            when held.first_known_on < held.known_on then coalesce(previous.amount, 0) else 0
        end as amount_before,
        next_version.amount is null and held.known_until < date '9999-12-31' as is_dropped
    from held
    left join listed as previous
        on
            held.chain_id = previous.chain_id
            and held.statement_no = previous.statement_no
            and held.receipt_no = previous.receipt_no
            and held.previous_on = previous.known_on
    left join listed as next_version
        on
            held.chain_id = next_version.chain_id
            and held.statement_no = next_version.statement_no
            and held.receipt_no = next_version.receipt_no
            and held.known_until = next_version.known_on
),

events as (
    select
        made_on as known_on, chain_id, receipt_no, statement_no, amount,
        amount - amount_before as change, file_id, sheet, row_no
    from with_neighbours
    where amount <> amount_before
    union all
    select
        known_until, chain_id, receipt_no, statement_no, 0, -amount, file_id, sheet, row_no
    from with_neighbours
    where is_dropped
),

final as (
    select
        known_on, chain_id, receipt_no, statement_no,
        cast(amount as decimal(18, 2)) as amount,
        cast(change as decimal(18, 2)) as change,
        file_id, sheet, row_no
    from events
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
