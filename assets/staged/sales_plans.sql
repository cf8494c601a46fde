-- One row per sales plan (customer_id, month, category) and day on which a version of it became known.
-- The latest version known on a day is the one that counts on that day.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.sales_plans
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
)

select * from standing_rows
