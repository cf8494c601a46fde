-- One row per decision whether a paper is meant (chain_id, paper_kind, paper_no, names_kind, named_no,
-- candidate_no) and time from `known_on` for which it held: until before `known_until`, when the same
-- question was decided anew, and until before `decided_until`, when any paper was decided on for the
-- reference.

with final as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, is_match, known_on,
        decided_by || ' decided on ' || decided_on || ' that ' || candidate_no
        || case when is_match then ' is meant' else ' is not meant' end as decision,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no order by known_on
        ) as decided_until,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
            order by known_on
        ) as known_until
    from matched.match_decisions
    where known_on <= getvariable('day_until')
)

select * from final
