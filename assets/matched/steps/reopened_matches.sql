-- One row per decision that later evidence speaks against, and paper that the evidence is about
-- (chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no), from the day of the first
-- such evidence, `known_on`, until before `known_until`, when the reference was decided anew.

with decisions as (
    select * from matched.steps.match_decision_versions
),

candidates as (
    select * from matched.candidates where known_on <= getvariable('day_until')
),

-- what is known of the references that were decided on, by any rule and of any paper
weighed as (
    select
        candidates.chain_id, candidates.paper_kind, candidates.paper_no, candidates.names_kind,
        candidates.named_no, candidates.candidate_no, candidates.rule, candidates.score,
        candidates.is_exclusive, candidates.evidence, candidates.known_on as told_on,
        decisions.is_match, decisions.decision, decisions.known_on as decided_on,
        decisions.decided_until, candidates.candidate_no = decisions.candidate_no as is_decided_on
    from decisions
    inner join candidates using (chain_id, paper_kind, paper_no, names_kind, named_no)
),

later_evidence as (
    select
        * exclude (told_on, decided_on, decided_until, evidence),
        told_on as known_on, decided_on, decided_until as known_until,
        decision || ', but ' || named_no || ' has come under this very number' as evidence
    from weighed
    where is_match and rule = 'exact' and not is_decided_on
    union all by name
    select
        weighed.* exclude (told_on, decided_on, decided_until, evidence),
        contradictions.known_on, decided_on, decided_until as known_until,
        decision || ', but another paper names it by its very number' as evidence
    from weighed
    inner join matched.contradictions as contradictions
        using (chain_id, paper_kind, names_kind, candidate_no)
    where
        is_match and is_exclusive and is_decided_on
        and contradictions.known_on <= getvariable('day_until')
    union all by name
    select
        * exclude (told_on, decided_on, decided_until, evidence),
        told_on as known_on, decided_on, decided_until as known_until,
        decision || ', but since then: ' || evidence as evidence
    from weighed
    where not is_match and is_decided_on
),

final as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, rule, score, evidence,
        known_on, known_until
    from later_evidence
    where known_on > decided_on and known_on < known_until
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, known_until
        order by known_on, score desc, rule, evidence
    ) = 1
)

select * from final
