-- One row per order, store that its goods are for (chain_id, order_no, store_id) and day on which the
-- split became known: the store's part of the order. The rows of the latest day of an order count.
-- Only orders of which some line names the store that it is for; the other lines are for the one
-- delivered to. A code that nobody knows is a store of its own.

with lines as (
    select known_on, chain_id, order_no, order_date, coalesce(for_store_code, store_code) as store_code,
        amount, file_id, sheet, row_no
    from received.orders
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
        and (known_on, chain_id, order_no) in (
            select (known_on, chain_id, order_no)
            from received.orders
            where
                known_on between getvariable('day_from') and getvariable('day_until')
                and is_standing
                and for_store_code is not null
        )
),

codes as (
    select * from staged.steps.store_code_versions
),

named as (
    select
        lines.*,
        coalesce(
            codes.store_id, 'unknown:' || lines.chain_id || '/' || lines.store_code
        ) as store_id
    from lines
    left join codes
        on
            lines.chain_id = codes.chain_id
            and lines.store_code = codes.store_code
            and lines.known_on >= codes.known_from
            and lines.known_on < codes.known_until
            and lines.order_date between codes.valid_from and codes.valid_to
),

final as (
    select
        known_on, chain_id, order_no, store_id, cast(sum(amount) as decimal(18, 2)) as share,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from named
    group by known_on, chain_id, order_no, store_id
)

select * from final
