-- One row per delivery note (chain_id, delivery_no) and day on which a version of it became known or
-- the order that it means was found or given up. `order_no` is the order meant, `order_no_as_sent`
-- what the paper says; `came_on` is the day of the version as sent.

with resolutions as (
    select
        chain_id, paper_no as delivery_no, named_no as order_no, resolved_no, is_contradicted, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_no, named_no order by known_on
        ) as known_until
    from matched.resolutions
    where
        known_on <= getvariable('day_until')
        and paper_kind = 'delivery' and names_kind = 'order'
),

-- nearly every paper names by its very number what we have
plain as (
    select papers.*, order_no as order_no_as_sent, known_on as came_on
    from staged.deliveries as papers
    anti join resolutions using (chain_id, delivery_no)
    where papers.known_on between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        papers.*,
        lead(papers.known_on, 1, date '9999-12-31') over (
            partition by papers.chain_id, papers.delivery_no order by papers.known_on
        ) as known_until
    from staged.deliveries as papers
    semi join resolutions using (chain_id, delivery_no)
    where papers.known_on <= getvariable('day_until')
),

days as (
    select chain_id, delivery_no, known_on as day from versions
    union
    select chain_id, delivery_no, known_on from resolutions
),

held as (
    select
        versions.* exclude (known_on, known_until, order_no),
        days.day as known_on, versions.known_on as came_on,
        versions.order_no as order_no_as_sent,
        case
            when resolutions.is_contradicted then null
            else coalesce(resolutions.resolved_no, versions.order_no)
        end as order_no
    from versions
    inner join days
        on
            versions.chain_id = days.chain_id
            and versions.delivery_no = days.delivery_no
            and days.day >= versions.known_on
            and days.day < versions.known_until
    left join resolutions
        on
            versions.chain_id = resolutions.chain_id
            and versions.delivery_no = resolutions.delivery_no
            and coalesce(versions.order_no, '') = resolutions.order_no
            and days.day >= resolutions.known_on
            and days.day < resolutions.known_until
),

with_before as (
    select
        *,
        lag(order_no) over (partition by chain_id, delivery_no order by known_on) as order_no_before
    from held
),

final as (
    select * from plain
    union all by name
    select * exclude (order_no_before)
    from with_before
    where
        known_on >= getvariable('day_from')
        and (known_on = came_on or order_no is distinct from order_no_before)
)

select * from final
