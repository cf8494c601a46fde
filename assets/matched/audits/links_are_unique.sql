-- A pair of papers changes at most once a day by one rule, and an undone link was made before.

with links as not materialized (
    select chain_id, from_kind, from_no, to_kind, to_no, rule, known_on, undone_on
    from matched.links
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- equal pairs have equal hashes, so only pairs whose hash comes twice are compared in full
suspected as (
    select hash(chain_id, from_kind, from_no, to_kind, to_no, rule, known_on) as pair
    from links
    group by pair
    having count(*) > 1
),

repeated as (
    select
        chain_id, from_kind, from_no, to_kind, to_no, rule, known_on, 'repeated' as fault
    from links
    where
        hash(chain_id, from_kind, from_no, to_kind, to_no, rule, known_on)
        in (select pair from suspected)
    group by chain_id, from_kind, from_no, to_kind, to_no, rule, known_on
    having count(*) > 1
),

undone as (
    select chain_id, from_kind, from_no, to_kind, to_no, rule, known_on
    from links
    where undone_on is not null
),

-- the day on which each undone link was made first
made as (
    select made.chain_id, made.from_no, made.to_no, made.rule, min(made.known_on) as known_on
    from matched.links as made
    semi join undone using (chain_id, from_no, to_no, rule)
    where made.undone_on is null
    group by made.chain_id, made.from_no, made.to_no, made.rule
),

never_made as (
    select undone.*, 'undone but never made' as fault
    from undone
    anti join made
        on
            undone.chain_id = made.chain_id
            and undone.from_no = made.from_no
            and undone.to_no = made.to_no
            and undone.rule = made.rule
            and undone.known_on > made.known_on
),

offences as (
    select * from repeated
    union all
    select * from never_made
)

select * from offences
