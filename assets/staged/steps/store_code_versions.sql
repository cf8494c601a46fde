-- One row per meaning of a chain's store code (chain_id, store_code, valid_from) and time from
-- `known_from` until before `known_until` for which it was what we knew.

with final as (
    select
        chain_id, store_code, store_id, valid_from, valid_to, known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, store_code, valid_from order by known_on
        ) as known_until
    from staged.store_codes
    where known_on <= getvariable('day_until')
)

select * from final
