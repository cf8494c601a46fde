-- One row per goods receipt placed with an order (chain_id, order_no, receipt_no) and day of the
-- window on which the papers of a step of the order differed: the version of the receipt that held
-- that day.

with days as (
    select distinct known_on, chain_id, order_no
    from matched.step_differences
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and difference <> 0
),

placements as (
    select placements.*
    from matched.receipt_orders as placements
    semi join days using (chain_id, order_no)
    where placements.known_on <= getvariable('day_until')
),

placed as (
    select days.known_on, days.chain_id, days.order_no, placements.receipt_no
    from days
    inner join placements
        on
            days.chain_id = placements.chain_id
            and days.order_no = placements.order_no
            and days.known_on >= placements.known_on
    group by days.known_on, days.chain_id, days.order_no, placements.receipt_no
    having sum(placements.placed) > 0
),

versions as (
    select
        receipts.chain_id, receipts.receipt_no, receipts.amount, receipts.is_return,
        receipts.known_on, receipts.lines_known_on,
        lead(receipts.known_on, 1, date '9999-12-31') over (
            partition by receipts.chain_id, receipts.receipt_no order by receipts.known_on
        ) as known_until
    from staged.goods_receipts as receipts
    semi join placed using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

final as (
    select
        placed.*, versions.amount, versions.is_return, versions.lines_known_on
    from placed
    inner join versions
        on
            placed.chain_id = versions.chain_id
            and placed.receipt_no = versions.receipt_no
            and placed.known_on >= versions.known_on
            and placed.known_on < versions.known_until
)

select * from final
