-- One row per proposed or applied match that a person decided on (chain_id, paper_kind, paper_no,
-- names_kind, named_no, candidate_no) and day on which the decision became known: `match`, the paper
-- is meant, or `unmatch`, it is not. Decisions name the match by its suspect_id.

with matches as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no,
        min(known_on) as known_on,
        substr(
            md5(
                chain_id || '|' || names_kind || '|' || candidate_no || '|' || paper_kind || '|'
                || paper_no
            ),
            1, 16
        ) as suspect_id
    from matched.candidates
    where
        known_on <= getvariable('day_until')
        and exists (select 1 from staged.decisions where subject_kind = 'suspected_match')
    group by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
),

decisions as (
    select
        subject_id as suspect_id, known_on, decided_on, decided_by, note,
        case
            when lower(trim(decision)) in ('match', '匹配') then true
            when lower(trim(decision)) in ('unmatch', '不匹配', '取消匹配') then false
        end as is_match
    from staged.decisions
    where known_on <= getvariable('day_until') and subject_kind = 'suspected_match'
),

final as (
    select
        greatest(matches.known_on, decisions.known_on) as known_on,
        matches.chain_id, matches.paper_kind, matches.paper_no, matches.names_kind,
        matches.named_no, matches.candidate_no, matches.suspect_id,
        decisions.is_match, decisions.decided_by, decisions.decided_on, decisions.note
    from matches
    inner join decisions using (suspect_id)
    where
        decisions.is_match is not null
        and greatest(matches.known_on, decisions.known_on) >= getvariable('day_from')
    -- of several on one day the latest one counts
    qualify row_number() over (
        partition by
            matches.suspect_id, matches.named_no, greatest(matches.known_on, decisions.known_on)
        order by decisions.decided_on desc, decisions.known_on desc, decisions.is_match
    ) = 1
)

select * from final
