-- One row per closed day, open item of a head-office order that says which stores its goods are for,
-- and store (as_of, item_id, debtor_id, store_id): the part of the balance that arose at the store.
-- The parts go by the store's share of the order and sum to the balance to the cent: each store gets
-- what is due up to it, in the order of store ids, less what went before. `ship_to_id` is the DC on
-- which the item stands. All other open items arose where they stand.

with items as (
    select
        as_of, chain_id, debtor_id, store_id as ship_to_id, item_id, order_no,
        cast(balance * 100 as hugeint) as balance_in_cents
    from settled.open_items
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and (chain_id, order_no) in (select (chain_id, order_no) from settled.store_shares)
),

versions as (
    select
        chain_id, order_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from (
        select distinct chain_id, order_no, known_on
        from settled.store_shares
        where known_on <= getvariable('day_until')
    )
),

shares as (
    select
        shares.chain_id, shares.order_no, shares.store_id, versions.known_on, versions.known_until,
        cast(sum(shares.share) over version * 100 as hugeint) as total,
        cast(sum(shares.share) over so_far * 100 as hugeint) as up_to,
        cast((sum(shares.share) over so_far - shares.share) * 100 as hugeint) as before
    from settled.store_shares as shares
    inner join versions using (chain_id, order_no, known_on)
    where shares.share > 0
    window
        version as (partition by shares.chain_id, shares.order_no, shares.known_on),
        so_far as (
            partition by shares.chain_id, shares.order_no, shares.known_on order by shares.store_id
        )
),

patterns as (
    select
        chain_id, order_no, pattern, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from settled.settlements
    semi join versions using (chain_id, order_no)
    where known_on <= getvariable('day_until')
),

laid_out as (
    select
        items.as_of, items.chain_id, items.debtor_id, items.item_id, items.order_no,
        items.ship_to_id, shares.store_id,
        items.balance_in_cents * shares.up_to // shares.total
        - items.balance_in_cents * shares.before // shares.total as cents
    from items
    inner join shares
        on
            items.chain_id = shares.chain_id
            and items.order_no = shares.order_no
            and items.as_of >= shares.known_on
            and items.as_of < shares.known_until
    inner join patterns
        on
            items.chain_id = patterns.chain_id
            and items.order_no = patterns.order_no
            and items.as_of >= patterns.known_on
            and items.as_of < patterns.known_until
    where patterns.pattern = 'head_head'
),

final as (
    select
        as_of, chain_id, debtor_id, item_id, order_no, ship_to_id, store_id,
        cast(cast(cents as decimal(20, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as amount
    from laid_out
    where cents <> 0
)

select * from final
