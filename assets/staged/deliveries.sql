-- One row per delivery note (delivery_no) and day on which a version of it became known.
-- What several files say of one adds up (staged.shared_papers); its lines are those received on
-- `lines_known_on`. The amount is the sum of its lines, tax included.

with standing_rows as (
    select * from received.deliveries
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

codes as (
    select * from staged.steps.store_code_versions
),

papers as (
    select
        known_on, chain_id, delivery_no,
        min(store_code) as store_code,
        min(order_no) as order_no,
        min(delivery_date) as delivery_date,
        cast(sum(amount) as decimal(18, 2)) as amount,
        count(*) as line_count,
        known_on as lines_known_on,
        min(file_id) as file_id,
        min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from standing_rows
    group by known_on, chain_id, delivery_no
),

shared as (
    select * from staged.shared_papers
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and paper_kind = 'delivery'
),

versions as (
    select
        papers.* replace (
            coalesce(shared.store_code, papers.store_code) as store_code,
            coalesce(shared.order_no, papers.order_no) as order_no,
            coalesce(shared.dated_on, papers.delivery_date) as delivery_date,
            coalesce(shared.line_count, papers.line_count) as line_count,
            coalesce(shared.lines_known_on, papers.lines_known_on) as lines_known_on
        )
    from papers
    left join shared
        on
            papers.known_on = shared.known_on
            and papers.delivery_no = shared.paper_no
),

final as (
    select
        versions.*,
        coalesce(
            codes.store_id, 'unknown:' || versions.chain_id || '/' || versions.store_code
        ) as store_id
    from versions
    left join codes
        on
            versions.chain_id = codes.chain_id
            and versions.store_code = codes.store_code
            and versions.known_on >= codes.known_from
            and versions.known_on < codes.known_until
            and versions.delivery_date between codes.valid_from and codes.valid_to
)

select * from final
