-- One row per order, delivery note or goods receipt (chain_id, kind, no) and day on which a version
-- of it became known: its number by what all spellings of it have in common, and by what else it
-- can be told that another paper means it. `store_tells` says that the store speaks for itself
-- only, so that papers of two such stores belong to two businesses.

with papers as (
    select
        known_on, chain_id, 'order' as kind, order_no as no, store_id, order_date as dated_on,
        amount
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select known_on, chain_id, 'delivery', delivery_no, store_id, delivery_date, amount
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select known_on, chain_id, 'goods_receipt', receipt_no, store_id, receipt_date, amount
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        papers.*, number_key(papers.no) as number_key,
        papers.store_id is not null
        and not starts_with(papers.store_id, 'unknown:')
        and (shared.known_on is null or shared.known_on > papers.known_on) as store_tells
    from papers
    left join matched.shared_stores as shared
        on papers.chain_id = shared.chain_id and papers.store_id = shared.store_id
)

select * from final
