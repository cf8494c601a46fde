-- A pair of papers changes at most once a day by one rule, and an undone link was made before.

with repeated as (
    select
        chain_id, from_kind, from_no, to_kind, to_no, rule, known_on, 'repeated' as fault
    from matched.links
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by chain_id, from_kind, from_no, to_kind, to_no, rule, known_on
    having count(*) > 1
),

undone as (
    select chain_id, from_kind, from_no, to_kind, to_no, rule, known_on
    from matched.links
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and undone_on is not null
),

never_made as (
    select undone.*, 'undone but never made' as fault
    from undone
    anti join matched.links as made
        on
            undone.chain_id = made.chain_id
            and undone.from_no = made.from_no
            and undone.to_no = made.to_no
            and undone.rule = made.rule
            and made.undone_on is null
            and made.known_on < undone.known_on
),

offences as (
    select * from repeated
    union all
    select * from never_made
)

select * from offences
