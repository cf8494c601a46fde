-- One row per goods receipt, order and day on which the receipt came to the order or left it.
-- `placed` is 1 when it came and -1 when it left, so the sum up to a day says where a receipt
-- stands on that day. A receipt stands on the order that it names, else on the order of the
-- delivery note that it names, from the day on which that note is known.

with new_receipts as not materialized (
    select known_on, chain_id, receipt_no, order_no, delivery_no
    from matched.resolved_receipts as receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- receipts whose place can change for another reason than that they are new; on a first load there
-- are none, which the first day of the table tells without looking
in_play as (
    select earlier.chain_id, earlier.receipt_no
    from matched.resolved_receipts as earlier
    semi join (
        select *
        from new_receipts
        where (select min(known_on) from matched.resolved_receipts) < getvariable('day_until')
    ) as later
        on
            earlier.chain_id = later.chain_id
            and earlier.receipt_no = later.receipt_no
            and earlier.known_on < later.known_on
    where earlier.known_on < getvariable('day_until')
    union
    select earlier.chain_id, earlier.receipt_no
    from matched.resolved_receipts as earlier
    semi join (
        select chain_id, delivery_no
        from matched.resolved_deliveries as deliveries
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and (select min(known_on) from matched.resolved_receipts) < getvariable('day_from')
    ) as new_deliveries using (chain_id, delivery_no)
    where earlier.known_on < getvariable('day_from') and earlier.order_no is null
),

singles as (
    select new_receipts.*
    from new_receipts
    anti join in_play using (chain_id, receipt_no)
),

histories as (
    select
        receipts.known_on, receipts.chain_id, receipts.receipt_no,
        receipts.order_no, receipts.delivery_no,
        lead(receipts.known_on) over (
            partition by receipts.chain_id, receipts.receipt_no order by receipts.known_on
        ) as known_until
    from matched.resolved_receipts as receipts
    inner join in_play using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

-- what a version says holds until the next version
names as (
    select known_on, chain_id, receipt_no, order_no, delivery_no, 1 as placed from histories
    union all
    select known_until, chain_id, receipt_no, order_no, delivery_no, -1
    from histories
    where known_until is not null
    union all
    select known_on, chain_id, receipt_no, null, delivery_no, 1
    from singles
    where order_no is null
),

by_delivery as (
    select * from names where order_no is null and delivery_no is not null
),

deliveries as (
    select
        deliveries.known_on, deliveries.chain_id, deliveries.delivery_no, deliveries.order_no,
        lead(deliveries.known_on) over (
            partition by deliveries.chain_id, deliveries.delivery_no order by deliveries.known_on
        ) as known_until
    from matched.resolved_deliveries as deliveries
    inner join (select distinct chain_id, delivery_no from by_delivery) as named
        using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
),

delivery_names as (
    select known_on, chain_id, delivery_no, order_no, 1 as placed from deliveries
    union all
    select known_until, chain_id, delivery_no, order_no, -1
    from deliveries
    where known_until is not null
),

changes as (
    select known_on, chain_id, receipt_no, order_no, placed from names
    union all
    select
        greatest(by_delivery.known_on, delivery_names.known_on),
        by_delivery.chain_id, by_delivery.receipt_no, delivery_names.order_no,
        by_delivery.placed * delivery_names.placed
    from by_delivery
    inner join delivery_names using (chain_id, delivery_no)
),

-- a version that says the same changes nothing
net_changes as (
    select known_on, chain_id, receipt_no, order_no, cast(sum(placed) as tinyint) as placed
    from changes
    where
        order_no is not null
        and known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, receipt_no, order_no
    having sum(placed) <> 0
),

final as (
    select known_on, chain_id, receipt_no, order_no, cast(1 as tinyint) as placed
    from singles
    where order_no is not null
    union all
    select * from net_changes
)

select * from final
