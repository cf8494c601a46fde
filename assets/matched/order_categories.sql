-- One row per order (chain_id, order_no) and day on which the category of its articles changed, as
-- far as its lines and their articles are known; null where it has several. Only chains with terms by
-- category ask, from the day on which the first of them is known.

with category_terms as (
    select chain_id, min(known_on) as known_on
    from staged.settlement_agreements
    where known_on <= getvariable('day_until') and category is not null
    group by chain_id
),

-- the first version of an article stands
articles as (
    select sku, min(known_on) as known_on, min_by(coalesce(category, ''), known_on) as category
    from staged.products
    where known_on <= getvariable('day_until')
    group by sku
),

all_lines as not materialized (
    select lines.chain_id, lines.order_no, lines.sku, lines.known_on
    from received.orders as lines
    semi join category_terms using (chain_id)
    where lines.known_on <= getvariable('day_until') and lines.is_standing
),

touched as (
    select chain_id, order_no from all_lines where known_on >= getvariable('day_from')
    union
    select chain_id, order_no
    from all_lines
    semi join (
        select sku from articles where known_on >= getvariable('day_from')
    ) as news using (sku)
    union
    select chain_id, order_no
    from all_lines
    semi join (
        select chain_id from category_terms where known_on >= getvariable('day_from')
    ) as news using (chain_id)
),

told as (
    select
        lines.chain_id, lines.order_no, articles.category,
        min(greatest(lines.known_on, articles.known_on, category_terms.known_on)) as known_on
    from all_lines as lines
    semi join touched using (chain_id, order_no)
    inner join category_terms on lines.chain_id = category_terms.chain_id
    inner join articles on lines.sku = articles.sku
    where articles.category <> ''
    group by lines.chain_id, lines.order_no, articles.category
),

by_then as (
    select days.known_on, days.chain_id, days.order_no,
        case when count(distinct told.category) = 1 then min(told.category) end as category
    from (select distinct known_on, chain_id, order_no from told) as days
    inner join told
        on
            days.chain_id = told.chain_id
            and days.order_no = told.order_no
            and days.known_on >= told.known_on
    group by days.known_on, days.chain_id, days.order_no
),

changes as (
    select
        *, lag(category) over (partition by chain_id, order_no order by known_on) as category_before
    from by_then
),

final as (
    select known_on, chain_id, order_no, category
    from changes
    where known_on >= getvariable('day_from') and category is distinct from category_before
)

select * from final
