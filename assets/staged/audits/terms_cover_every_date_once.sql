-- The stretches of a store's terms follow each other without gap or overlap, for all dates.

with stretches as (
    select
        known_on, chain_id, store_id, category, valid_from, valid_to,
        lag(valid_to) over (
            partition by known_on, chain_id, store_id, category order by valid_from
        ) as previous_to,
        lead(valid_from) over (
            partition by known_on, chain_id, store_id, category order by valid_from
        ) as next_from
    from staged.store_terms
    where known_on between getvariable('day_from') and getvariable('day_until')
),

offences as (
    select * from stretches
    where
        valid_to < valid_from
        or previous_to is null and valid_from <> date '0001-01-01'
        or next_from is null and valid_to <> date '9999-12-31'
        or previous_to is not null and valid_from <> previous_to + interval 1 day
)

select * from offences
