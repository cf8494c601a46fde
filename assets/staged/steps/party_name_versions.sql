-- One row per meaning of a name, tax id or account (name_kind, name, valid_from) and time from
-- `known_from` until before `known_until` for which it was what we knew.

with final as (
    select
        name_kind, name, valid_from, valid_to, customer_id, chain_id, known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by name_kind, name, valid_from order by known_on
        ) as known_until
    from staged.party_names
    where known_on <= getvariable('day_until')
)

select * from final
