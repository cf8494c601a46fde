-- One row per balance that a customer confirmed with signature or seal (customer_id, confirmed_on) and
-- day on which a version of it became known. The latest version known on a day is the one that counts.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.confirmations
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
)

select * from standing_rows
