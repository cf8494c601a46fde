-- One row per unmet reference, paper that it may mean and rule that says so (chain_id, paper_kind,
-- paper_no, names_kind, named_no, candidate_no, rule), on the day on which both papers were known,
-- with how sure the rule is of it. `rank` 0 is the very number; the smaller, the stronger. By an
-- exclusive rule the paper can be meant by one only. Rules `contradicted` and `outvoted` are the
-- very number too, but of a paper of another store and amount, or one that other papers speak
-- against: only proposed; by `upheld` they do so no more. Of several candidates of one rule those with the smallest `distance` are
-- the likeliest.

with found as (
    select * from matched.exact_matches
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from matched.normalised_matches
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from matched.register_matches
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from matched.suffix_matches
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from matched.one_edit_matches
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from matched.pair_matches
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- numbers that are not taken at their word
contradicted as (
    select chain_id, paper_kind, paper_no, names_kind, named_no, min(known_on) as contradicted_on
    from matched.exact_matches
    where known_on <= getvariable('day_until') and rule in ('contradicted', 'outvoted')
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

met as (
    select
        found.*,
        coalesce(contradicted.contradicted_on <= found.known_on, false) as is_contradicted
    from found
    left join contradicted using (chain_id, paper_kind, paper_no, names_kind, named_no)
),

-- a number that several papers bear hardly is a slip, nor a part of another
bearers as (
    select
        chain_id, names_kind, named_no, paper_kind, split_part(paper_no, '#', 1) as document_no,
        min(known_on) as known_on
    from matched.unmet_references
    where known_on <= getvariable('day_until') and named_no <> ''
    group by chain_id, names_kind, named_no, paper_kind, document_no
),

-- the day on which the second one came
repeated as (
    select chain_id, names_kind, named_no, known_on as repeated_on
    from bearers
    qualify row_number() over (
        partition by chain_id, names_kind, named_no order by known_on, paper_kind, document_no
    ) = 2
),

doubted as (
    select
        met.* replace (
            coalesce(
                met.is_repeated,
                met.rule in ('suffix', 'one_edit') and repeated.repeated_on <= met.known_on, false
            ) as is_repeated,
            coalesce(met.distance, 0) as distance
        )
    from met
    left join repeated using (chain_id, names_kind, named_no)
),

compared as (
    select
        *,
        coalesce(store_id <> candidate_store_id, false) as is_other_store,
        coalesce(
            abs(candidate_on - document_on) > getvariable('policy').matching.near_days, false
        ) as is_other_date,
        coalesce(
            abs(amount - candidate_amount) * 100
            > abs(candidate_amount) * getvariable('policy').matching.near_amount_percent,
            false
        ) as is_other_amount,
        -- where the number does not lead there, only the amount does: at most a part in the
        -- register
        coalesce(
            abs(amount - candidate_amount) * 100
            > abs(candidate_amount) * getvariable('policy').matching.near_amount_percent,
            false
        )
        and (
            rule = 'suffix'
            or rule = 'application_register'
            and (
                abs(amount) > abs(candidate_amount)
                or names_kind = 'delivery'
            )
        ) as is_unfit_amount,
        is_repeated
        -- a number that stands on another store's paper is no paper that is still to come
        or coalesce(is_neighbour, false) and not is_contradicted as is_doubtful
    from doubted
),

ranked as (
    select
        *,
        case rule
            when 'exact' then 0
            when 'upheld' then 0
            when 'normalised' then 1
            when 'application_register' then 2
            when 'suffix' then 3
            when 'one_edit' then 4
            when 'only_pair' then 5
            when 'contradicted' then 6
            else 7
        end as rank,
        rule in ('one_edit', 'only_pair')
        or (rule = 'application_register' and paper_kind = 'application') as is_exclusive,
        case rule
            when 'exact' then 1
            when 'upheld' then 1
            when 'normalised' then getvariable('policy').matching.scores.normalised
            when 'suffix' then getvariable('policy').matching.scores.suffix
            when 'application_register'
                then getvariable('policy').matching.scores.application_register
            when 'one_edit' then getvariable('policy').matching.scores.one_edit
            when 'only_pair' then getvariable('policy').matching.scores.only_pair
            else getvariable('policy').matching.scores.contradicted
        end as prior
    from compared
),

final as (
    select
        known_on, chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, rule,
        cast(rank as tinyint) as rank, cast(distance as tinyint) as distance, is_exclusive,
        cast(
            case
                when rule in ('exact', 'upheld') then 1
                else greatest(
                    0,
                    prior
                    - case
                        when is_other_store then getvariable('policy').matching.other_store else 0
                    end
                    - case
                        when is_other_date then getvariable('policy').matching.other_date else 0
                    end
                    - case
                        when is_other_amount then getvariable('policy').matching.other_amount
                        else 0
                    end
                    - case
                        when is_unfit_amount then getvariable('policy').matching.unfit_amount
                        else 0
                    end
                    - case
                        when is_doubtful
                            then getvariable('policy').matching.doubtful_number
                        else 0
                    end
                )
            end as decimal(5, 4)
        ) as score,
        case
            when named_no = '' then 'it names no ' || replace(names_kind, '_', ' ') || '; '
            when rule = 'upheld'
                then 'it names ' || replace(names_kind, '_', ' ') || ' ' || named_no || '; '
            when rule in ('contradicted', 'outvoted')
                then 'it names ' || replace(names_kind, '_', ' ') || ' ' || named_no || ', but '
            when is_contradicted
                then 'it names ' || replace(names_kind, '_', ' ') || ' ' || named_no
                    || ', which does not look like the paper meant; '
            else
                'it names ' || replace(names_kind, '_', ' ') || ' ' || named_no
                || ', which we do not have; '
        end
        || case rule
            when 'exact' then 'the paper has come under this number'
            when 'upheld' then 'other papers speak against it no more'
            when 'contradicted' then 'that paper does not look like it'
            when 'outvoted' then 'other papers that lead to one another speak against it'
            when 'normalised' then candidate_no || ' reads the same but for spelling'
            when 'suffix' then candidate_no || ' ends the same'
            when 'application_register'
                then candidate_no || ' is singled out by the other numbers'
            when 'one_edit' then candidate_no || ' differs in one sign'
            else candidate_no || ' is named by nobody either'
        end
        || case
            when store_id is null or candidate_store_id is null then ''
            when is_other_store then ', another store'
            else ', same store'
        end
        || case
            when document_on is null or candidate_on is null then ''
            else ', ' || abs(candidate_on - document_on) || ' days apart'
        end
        || case
            when amount is null or candidate_amount is null then ''
            when amount = candidate_amount then ', same amount'
            else ', ' || amount || ' against ' || candidate_amount
        end
        || case
            when is_repeated and named_no = '' then ', but not the only pair that fits'
            when is_repeated then ', but other papers name ' || named_no || ' too'
            when is_neighbour and not is_contradicted then ', but it may be a number close by'
            else ''
        end
        as evidence
    from ranked
)

select * from final
