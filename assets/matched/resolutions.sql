-- One row per reference that no paper's very number meets (chain_id, paper_kind, paper_no,
-- names_kind, named_no) and day on which another answer was found or given up; the latest counts.
-- A rule answers on the first day on which it knows a candidate, if that one is the only one, or far
-- ahead of the others, and sure enough; else it and all weaker rules leave the question to a person. An answer stays until
-- a stronger rule has one, the paper comes under the very number, or it is contradicted; an answer
-- given up has no `resolved_no`, and `undone_on`. What a person decided outranks every rule.
-- A number that is contradicted counts as no number (`is_contradicted`) as long as nothing else is
-- found, and nobody upholds it.

with window_candidates as not materialized (
    select * from matched.candidates
    where known_on between getvariable('day_from') and getvariable('day_until')
),

touched as (
    select chain_id, paper_kind, paper_no, names_kind, named_no from window_candidates
    union
    select
        candidates.chain_id, candidates.paper_kind, candidates.paper_no, candidates.names_kind,
        candidates.named_no
    from matched.candidates
    semi join (
        select chain_id, paper_kind, names_kind, candidate_no
        from matched.contradictions
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as contradicted using (chain_id, paper_kind, names_kind, candidate_no)
    where candidates.known_on < getvariable('day_from') and candidates.is_exclusive
    union
    select chain_id, paper_kind, paper_no, names_kind, named_no
    from matched.match_decisions
    where known_on between getvariable('day_from') and getvariable('day_until')
),

candidates as (
    select candidates.*
    from matched.candidates
    semi join touched using (chain_id, paper_kind, paper_no, names_kind, named_no)
    where candidates.known_on <= getvariable('day_until')
),

-- what each rule knows on its first day: the nearest, and of these the likeliest, and how many of
-- them are not left far behind by it
first_days as (
    select *
    from candidates
    qualify known_on = min(known_on) over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, rule
    )
),

nearest as (
    select
        *,
        max(score) over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no, rule
        ) as best_score
    from (
        select *
        from first_days
        qualify distance = min(distance) over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no, rule
        )
    )
),

first_answers as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, rule, rank, is_exclusive, known_on,
        count(*) as answers, min(candidate_no) as candidate_no, min(score) as score,
        min(evidence) as evidence
    from nearest
    where best_score - score < getvariable('policy').matching.clear_lead
    group by
        chain_id, paper_kind, paper_no, names_kind, named_no, rule, rank, is_exclusive, known_on
),

judged as (
    select
        *,
        answers = 1
        and (rule in ('exact', 'upheld') or score >= getvariable('policy').matching.apply_from) as is_sure
    from first_answers
),

contradicted as (
    select chain_id, paper_kind, names_kind, candidate_no, min(known_on) as known_on
    from matched.contradictions
    where known_on <= getvariable('day_until')
    group by chain_id, paper_kind, names_kind, candidate_no
),

-- a very number holds until it is outvoted
outvoted as (
    select * from judged where rule = 'outvoted'
),

answers_of_rules as (
    select
        judged.*,
        least(
            coalesce(contradicted.known_on, date '9999-12-31'),
            coalesce(outvoted.known_on, date '9999-12-31')
        ) as ends_on
    from judged
    left join outvoted
        on
            judged.chain_id = outvoted.chain_id
            and judged.paper_kind = outvoted.paper_kind
            and judged.paper_no = outvoted.paper_no
            and judged.names_kind = outvoted.names_kind
            and judged.named_no = outvoted.named_no
            and case when judged.rule = 'exact' then judged.candidate_no end = outvoted.candidate_no
            and judged.known_on <= outvoted.known_on
    left join contradicted
        on
            judged.chain_id = contradicted.chain_id
            and judged.paper_kind = contradicted.paper_kind
            and judged.names_kind = contradicted.names_kind
            and case when judged.is_exclusive then judged.candidate_no end
            = contradicted.candidate_no
    where
        judged.is_sure
        and not exists (
            select 1
            from judged as stronger
            where
                stronger.chain_id = judged.chain_id
                and stronger.paper_kind = judged.paper_kind
                and stronger.paper_no = judged.paper_no
                and stronger.names_kind = judged.names_kind
                and stronger.named_no = judged.named_no
                and stronger.rank < judged.rank
                and stronger.known_on <= judged.known_on
                and not stronger.is_sure
        )
),

-- a decision holds until the next one about the same reference; of one day the latest counts, and
-- a paper that is meant before one that is not
decisions as (
    select
        decisions.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no order by known_on
        ) as ends_on
    from (
        select decisions.*
        from matched.match_decisions as decisions
        semi join touched using (chain_id, paper_kind, paper_no, names_kind, named_no)
        where decisions.known_on <= getvariable('day_until')
        qualify row_number() over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no, known_on
            order by decided_on desc, is_match desc, candidate_no
        ) = 1
    ) as decisions
),

offers as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, known_on, ends_on, rule, rank,
        candidate_no, score, evidence
    from answers_of_rules
    union all
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, known_on, ends_on, 'decision', -1,
        case when is_match then candidate_no end, 1,
        decided_by || ' decided on ' || decided_on || ' that ' || candidate_no
        || case when is_match then ' is meant' else ' is not meant' end
        || coalesce(': ' || note, '')
    from decisions
    union all
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, known_on, date '9999-12-31', rule,
        rank, null, null, evidence
    from judged
    where rule in ('contradicted', 'outvoted')
),

days as (
    select chain_id, paper_kind, paper_no, names_kind, named_no, known_on from offers
    union
    select chain_id, paper_kind, paper_no, names_kind, named_no, ends_on
    from offers
    where ends_on <= getvariable('day_until')
),

-- the strongest answer of each day
answers as (
    select
        days.chain_id, days.paper_kind, days.paper_no, days.names_kind, days.named_no,
        days.known_on,
        min_by(offers.rule, offers.rank) as rule,
        arg_min_null(offers.candidate_no, offers.rank) as candidate_no,
        min_by(offers.score, offers.rank) as score,
        min_by(offers.evidence, offers.rank) as evidence,
        count(*) filter (where offers.rule in ('contradicted', 'outvoted')) > 0
            as has_contradicted
    from days
    left join offers
        on
            days.chain_id = offers.chain_id
            and days.paper_kind = offers.paper_kind
            and days.paper_no = offers.paper_no
            and days.names_kind = offers.names_kind
            and days.named_no = offers.named_no
            and days.known_on >= offers.known_on
            and days.known_on < offers.ends_on
    group by
        days.chain_id, days.paper_kind, days.paper_no, days.names_kind, days.named_no,
        days.known_on
),

resolved as (
    select
        *,
        case when rule not in ('exact', 'upheld') then candidate_no end as resolved_no,
        has_contradicted and candidate_no is null as is_contradicted
    from answers
),

changes as (
    select
        *,
        lag(resolved_no) over reference as resolved_before,
        lag(rule) over reference as rule_before,
        lag(is_contradicted, 1, false) over reference as was_contradicted
    from resolved
    window reference as (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no order by known_on
    )
),

final as (
    select
        known_on, chain_id, paper_kind, paper_no, names_kind, named_no, resolved_no,
        case
            when resolved_no is null and not is_contradicted then rule_before
            else rule
        end as rule,
        true as is_inferred, is_contradicted,
        case when resolved_no is not null then score end as score,
        case
            when resolved_no is not null or rule in ('contradicted', 'outvoted') then evidence
            when rule = 'upheld' and was_contradicted
                then named_no || ' is meant: other papers speak against it no more'
            when rule = 'upheld'
                then 'given up: other papers speak against ' || named_no || ' no more'
            when rule = 'exact' and was_contradicted
                then named_no || ' is meant: a version of it, or another number, agrees'
            when rule = 'exact'
                then 'given up: ' || named_no || ' has come under this very number'
            when rule = 'decision' then 'given up: ' || evidence
            else 'given up: another paper names ' || resolved_before || ' by its very number'
        end as evidence,
        case when resolved_no is null then known_on end as undone_on
    from changes
    where
        known_on >= getvariable('day_from')
        and (
            resolved_no is distinct from resolved_before or is_contradicted <> was_contradicted
        )
)

select * from final
