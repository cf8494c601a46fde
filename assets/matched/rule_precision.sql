-- One row per closed day and rule of matching (as_of, rule) about whose proposals people decided:
-- how many they confirmed and refused by then, and the share confirmed. Of several decisions about
-- one proposal the latest counts.

with decisions as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, is_match, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
            order by known_on
        ) as known_until
    from matched.match_decisions
    where known_on <= getvariable('day_until')
),

-- the strongest rule that had proposed it by then
ruled as (
    select
        decisions.known_on, decisions.known_until, decisions.is_match,
        min_by(candidates.rule, candidates.rank) as rule
    from matched.candidates
    inner join decisions
        using (chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no)
    where candidates.known_on <= decisions.known_on
    group by
        decisions.chain_id, decisions.paper_kind, decisions.paper_no, decisions.names_kind,
        decisions.named_no, decisions.candidate_no, decisions.known_on, decisions.known_until,
        decisions.is_match
),

final as (
    select
        days.as_of, ruled.rule,
        count(*) filter (where ruled.is_match) as confirmed,
        count(*) filter (where not ruled.is_match) as refused,
        cast(
            count(*) filter (where ruled.is_match) / count(*) as decimal(5, 4)
        ) as confirmed_share
    from ruled
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= ruled.known_on and days.as_of < ruled.known_until
    group by days.as_of, ruled.rule
)

select * from final
