-- One row per delivery note (delivery_no) and day on which a version of it became known.
-- The amount is the sum of its lines, tax included.

with standing_rows as (
    select * from received.deliveries
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

codes as (
    select
        chain_id, store_code, store_id, valid_from, valid_to,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, store_code, valid_from order by known_on
        ) as known_until
    from staged.store_codes
),

papers as (
    select
        known_on, chain_id, delivery_no,
        min(store_code) as store_code,
        min(order_no) as order_no,
        min(delivery_date) as delivery_date,
        cast(sum(amount) as decimal(18, 2)) as amount,
        count(*) as line_count,
        min(file_id) as file_id,
        min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from standing_rows
    group by known_on, chain_id, delivery_no
),

final as (
    select
        papers.known_on,
        papers.chain_id, papers.delivery_no,
        papers.store_code,
        papers.order_no,
        papers.delivery_date,
        coalesce(
            codes.store_id, 'unknown:' || papers.chain_id || '/' || papers.store_code
        ) as store_id,
        papers.amount,
        papers.line_count,
        papers.file_id,
        papers.sheet,
        papers.row_no
    from papers
    left join codes
        on
            papers.chain_id = codes.chain_id
            and papers.store_code = codes.store_code
            and papers.known_on >= codes.known_from
            and papers.known_on < codes.known_until
            and papers.delivery_date between codes.valid_from and codes.valid_to
)

select * from final
