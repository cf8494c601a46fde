-- One row per closed day and proposed match (as_of, suspect_id): a paper names a number that we do
-- not have, and another paper may be meant, but not surely enough to be applied: several may be, or
-- what is known of the two papers differs; or an invoice names no receipt, and several choices of
-- receipts sum to it. At most five for a reference, the likeliest first (of
-- equal ones the smaller number). Gone when the reference is resolved, the paper that is named
-- comes, a later version of the naming paper names another, or a person said that it is not meant.
-- What a person decided holds, but is proposed again, with the reason, when evidence that comes
-- later contradicts it, until it is decided anew. Two papers without numbers that were taken as a
-- pair stay one when a paper comes late that is nearer: it is proposed.

with candidates as (
    select *
    from matched.candidates
    where known_on <= getvariable('day_until')
),

-- from the day on which the paper comes under the very number until it is outvoted, and again when
-- it is outvoted no more
met as (
    select
        * exclude (outvoted_on),
        case when outvoted_on >= known_on then outvoted_on else date '9999-12-31' end
            as known_until
    from (
        select
            chain_id, paper_kind, paper_no, names_kind, named_no,
            min(known_on) filter (where rule = 'exact') as known_on,
            min(known_on) filter (where rule = 'outvoted') as outvoted_on
        from candidates
        where rule in ('exact', 'outvoted')
        group by chain_id, paper_kind, paper_no, names_kind, named_no
    )
    where known_on is not null
    union all
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, known_on, date '9999-12-31'
    from candidates
    where rule = 'upheld'
),

-- from the day on which another paper names it by its very number, it is that one's
contradicted as (
    select chain_id, paper_kind, names_kind, candidate_no, min(known_on) as known_on
    from matched.contradictions
    where known_on <= getvariable('day_until')
    group by chain_id, paper_kind, names_kind, candidate_no
),

-- by its strongest rule so far
stronger as (
    select *
    from candidates
    where rule not in ('exact', 'upheld')
    qualify rank < min(rank) over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
        order by known_on, rank rows between unbounded preceding and 1 preceding
    ) is not false
),

proposals as (
    select
        * exclude (rank),
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no
            order by known_on, rank desc
        ) as known_until
    from stronger
),

answers as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, resolved_no, rule, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no order by known_on
        ) as known_until
    from matched.resolutions
    where known_on <= getvariable('day_until')
),

versions as (
    select * from matched.steps.naming_versions
),

spells as (
    select
        proposals.chain_id, proposals.names_kind as from_kind, proposals.candidate_no as from_no,
        proposals.paper_kind as to_kind, proposals.paper_no as to_no, proposals.named_no,
        proposals.rule, proposals.score, proposals.evidence,
        versions.amount, versions.file_id, versions.sheet, versions.row_no,
        greatest(proposals.known_on, versions.known_on) as starts_on,
        least(
            proposals.known_until, versions.known_until,
            coalesce(contradicted.known_on, date '9999-12-31')
        ) as ends_on
    from proposals
    inner join versions using (chain_id, paper_kind, paper_no, names_kind, named_no)
    left join contradicted
        on
            proposals.chain_id = contradicted.chain_id
            and proposals.paper_kind = contradicted.paper_kind
            and proposals.names_kind = contradicted.names_kind
            and case when proposals.is_exclusive then proposals.candidate_no end
            = contradicted.candidate_no
),

daily as (
    select days.as_of, spells.*
    from spells
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= spells.starts_on and days.as_of < spells.ends_on
),

unmet as (
    select daily.*
    from daily
    anti join met
        on
            daily.chain_id = met.chain_id
            and daily.to_kind = met.paper_kind
            and daily.to_no = met.paper_no
            and daily.from_kind = met.names_kind
            and daily.named_no = met.named_no
            and daily.as_of >= met.known_on
            and daily.as_of < met.known_until
),

unanswered as (
    select daily.*
    from unmet as daily
    anti join answers
        on
            daily.chain_id = answers.chain_id
            and daily.to_kind = answers.paper_kind
            and daily.to_no = answers.paper_no
            and daily.from_kind = answers.names_kind
            and daily.named_no = answers.named_no
            and daily.as_of >= answers.known_on
            and daily.as_of < answers.known_until
            and answers.resolved_no is not null
),

pairs as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, known_on,
        abs(candidate_on - document_on) as days_apart
    from matched.pair_matches
    where known_on <= getvariable('day_until')
),

-- a paper that fits better than the one that was taken before it came
nearer as (
    select
        daily.* replace (
            daily.evidence || '; ' || answers.resolved_no || ' was taken on ' || answers.known_on
            || ' though it is ' || taken.days_apart || ' days apart' as evidence
        )
    from unmet as daily
    inner join answers
        on
            daily.chain_id = answers.chain_id
            and daily.to_kind = answers.paper_kind
            and daily.to_no = answers.paper_no
            and daily.from_kind = answers.names_kind
            and daily.named_no = answers.named_no
            and daily.as_of >= answers.known_on
            and daily.as_of < answers.known_until
            and daily.from_no <> answers.resolved_no
    inner join pairs as taken
        on
            daily.chain_id = taken.chain_id
            and daily.to_kind = taken.paper_kind
            and daily.to_no = taken.paper_no
            and daily.from_kind = taken.names_kind
            and answers.resolved_no = taken.candidate_no
    inner join pairs as late
        on
            daily.chain_id = late.chain_id
            and daily.to_kind = late.paper_kind
            and daily.to_no = late.paper_no
            and daily.from_kind = late.names_kind
            and daily.from_no = late.candidate_no
    where
        daily.rule = 'only_pair' and answers.rule = 'only_pair'
        and late.known_on > taken.known_on
        and late.days_apart < taken.days_apart
),

refused as (
    select * from matched.steps.match_decision_versions where not is_match
),

left_over as (
    select unanswered.*
    from (
        select * from unanswered
        union all
        select * from nearer
    ) as unanswered
    anti join refused
        on
            unanswered.chain_id = refused.chain_id
            and unanswered.to_kind = refused.paper_kind
            and unanswered.to_no = refused.paper_no
            and unanswered.from_kind = refused.names_kind
            and unanswered.named_no = refused.named_no
            and unanswered.from_no = refused.candidate_no
            and unanswered.as_of >= refused.known_on
            and unanswered.as_of < refused.known_until
),

summed as (
    select
        days.as_of, sums.chain_id, 'goods_receipt' as from_kind, sums.receipt_no as from_no,
        'invoice' as to_kind, sums.invoice_no as to_no, '' as named_no,
        'sum_of_receipts' as rule, cast(sums.score - sums.answer_no * 0.0001 as decimal(5, 4))
        as score,
        sums.evidence, sums.amount, sums.file_id, sums.sheet, sums.row_no
    from matched.steps.undecided_sums as sums
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= sums.known_on and days.as_of < sums.known_until
),

reopened as (
    select
        days.as_of, reopened.chain_id, reopened.names_kind as from_kind,
        reopened.candidate_no as from_no, reopened.paper_kind as to_kind,
        reopened.paper_no as to_no, reopened.named_no, reopened.rule,
        reopened.score, reopened.evidence, versions.amount, versions.file_id,
        versions.sheet, versions.row_no
    from matched.steps.reopened_matches as reopened
    inner join versions using (chain_id, paper_kind, paper_no, names_kind, named_no)
    inner join (select unnest(getvariable('days')) as as_of) as days
        on
            days.as_of >= greatest(reopened.known_on, versions.known_on)
            and days.as_of < least(reopened.known_until, versions.known_until)
),

likeliest as (
    select
        as_of, chain_id, from_kind, from_no, to_kind, to_no, named_no, rule, score, evidence,
        amount, file_id, sheet, row_no
    from (
        select * from reopened
        union all by name
        select * from summed
        union all by name
        select left_over.* exclude (starts_on, ends_on)
        from left_over
        anti join reopened using (as_of, chain_id, from_kind, from_no, to_kind, to_no)
    )
    qualify row_number() over (
        partition by as_of, chain_id, to_kind, to_no, from_kind order by score desc, from_no
    ) <= 5
),

final as (
    select
        as_of,
        substr(
            md5(
                chain_id || '|' || from_kind || '|' || from_no || '|' || to_kind || '|' || to_no
            ),
            1, 16
        ) as suspect_id,
        chain_id, from_kind, from_no, to_kind, to_no, named_no, amount, rule, score, evidence,
        file_id, sheet, row_no
    from likeliest
)

select * from final
