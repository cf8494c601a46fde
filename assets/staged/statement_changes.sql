-- One row per line of a statement that was sent again with other content (chain_id, statement_no,
-- line_kind, receipt_no, order_no, fee_code, store_code, occurrence) and day of the new version:
-- `added`, `removed` or `changed`, with the money before and after. Lines are told by what they are
-- about, never by their number, for lines shift: equal lines with equal money go together first,
-- the others in the order of their money.

with new_versions as (
    select distinct known_on, chain_id, statement_no
    from staged.statement_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        known_on, chain_id, statement_no,
        lag(known_on) over (
            partition by chain_id, statement_no order by known_on
        ) as known_before
    from (
        select distinct lines.known_on, lines.chain_id, lines.statement_no
        from staged.statement_lines as lines
        semi join new_versions using (chain_id, statement_no)
        where lines.known_on <= getvariable('day_until')
    )
),

restated as (
    select *
    from versions
    where known_on >= getvariable('day_from') and known_before is not null
),

lines as (
    select
        restated.known_on, lines.known_on = restated.known_on as is_after,
        lines.chain_id, lines.statement_no, lines.line_kind, lines.receipt_no, lines.order_no,
        lines.fee_code, lines.store_code, lines.amount, lines.line_no,
        lines.file_id, lines.sheet, lines.row_no
    from restated
    inner join staged.statement_lines as lines
        on
            restated.chain_id = lines.chain_id
            and restated.statement_no = lines.statement_no
            and lines.known_on in (restated.known_on, restated.known_before)
),

-- the n-th of several equal lines
numbered as (
    select
        *,
        row_number() over (
            partition by
                known_on, is_after, chain_id, statement_no, line_kind, receipt_no, order_no,
                fee_code, store_code, amount
            order by line_no, row_no
        ) as copy
    from lines
),

unmatched as (
    select *
    from numbered
    qualify count(*) over (
        partition by
            known_on, chain_id, statement_no, line_kind, receipt_no, order_no, fee_code,
            store_code, amount, copy
    ) = 1
),

-- what has no equal on the other side, paired by its place among its like
placed as (
    select
        *,
        row_number() over (
            partition by
                known_on, is_after, chain_id, statement_no, line_kind, receipt_no, order_no,
                fee_code, store_code
            order by amount, line_no, row_no
        ) as occurrence
    from unmatched
),

paired as (
    select
        known_on, chain_id, statement_no, line_kind, receipt_no, order_no, fee_code, store_code,
        occurrence,
        max(amount) filter (not is_after) as amount_before,
        max(amount) filter (is_after) as amount_after,
        max(file_id) filter (not is_after) as file_id_before,
        max(sheet) filter (not is_after) as sheet_before,
        max(row_no) filter (not is_after) as row_no_before,
        max(file_id) filter (is_after) as file_id,
        max(sheet) filter (is_after) as sheet,
        max(row_no) filter (is_after) as row_no
    from placed
    group by
        known_on, chain_id, statement_no, line_kind, receipt_no, order_no, fee_code, store_code,
        occurrence
),

final as (
    select
        known_on, chain_id, statement_no,
        case
            when amount_before is null then 'added'
            when amount_after is null then 'removed'
            else 'changed'
        end as change_kind,
        line_kind, receipt_no, order_no, fee_code, store_code, occurrence,
        amount_before, amount_after,
        cast(coalesce(amount_after, 0) - coalesce(amount_before, 0) as decimal(18, 2))
            as difference,
        file_id_before, sheet_before, row_no_before, file_id, sheet, row_no
    from paired
)

select * from final
