-- One row per store, category and stretch of delivery dates (store_id, category, valid_from) and
-- time from `known_from` until before `known_until`: the terms of the store in the chain that it
-- belongs to, without those of a chain that it has left.

with own_terms as (
    select *
    from staged.store_terms
    where known_on <= getvariable('day_until') and not coalesce(is_former, false)
),

days as (
    select distinct store_id, known_on from own_terms
),

versions as (
    select
        store_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by store_id order by known_on)
            as known_until
    from days
),

final as (
    select own_terms.* exclude (known_on), own_terms.known_on as known_from, versions.known_until
    from own_terms
    inner join versions using (store_id, known_on)
)

select * from final
