-- One row per store, category and stretch of delivery dates (chain_id, store_id, category,
-- valid_from) and time from `known_from` until before `known_until` for which these were the terms
-- that we knew. All terms of a store in a chain change on one day, so they end together.

with days as (
    select distinct chain_id, store_id, known_on
    from staged.store_terms
    where known_on <= getvariable('day_until')
),

versions as (
    select
        chain_id, store_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, store_id order by known_on
        ) as known_until
    from days
),

final as (
    select terms.* exclude (known_on), terms.known_on as known_from, versions.known_until
    from staged.store_terms as terms
    inner join versions using (chain_id, store_id, known_on)
)

select * from final
