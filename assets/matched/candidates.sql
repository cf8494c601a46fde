-- One row per unmet reference, paper that it may mean and rule that says so (chain_id, paper_kind,
-- paper_no, names_kind, named_no, candidate_no, rule), on the day on which both papers were known,
-- with how sure the rule is of it. `rank` 0 is the very number; the smaller, the stronger. By an
-- exclusive rule the paper can be meant by one only.

with found as (
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
        coalesce(is_repeated, false) or coalesce(is_neighbour, false) as is_doubtful
    from found
),

ranked as (
    select
        *,
        case rule
            when 'exact' then 0
            when 'normalised' then 1
            when 'application_register' then 2
            when 'suffix' then 3
            when 'one_edit' then 4
            else 5
        end as rank,
        rule in ('one_edit', 'only_pair')
        or (rule = 'application_register' and paper_kind = 'application') as is_exclusive,
        case rule
            when 'exact' then 1
            when 'normalised' then getvariable('policy').matching.scores.normalised
            when 'suffix' then getvariable('policy').matching.scores.suffix
            when 'application_register'
                then getvariable('policy').matching.scores.application_register
            when 'one_edit' then getvariable('policy').matching.scores.one_edit
            else getvariable('policy').matching.scores.only_pair
        end as prior
    from compared
),

final as (
    select
        known_on, chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no, rule,
        cast(rank as tinyint) as rank, is_exclusive,
        cast(
            case
                when rule = 'exact' then 1
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
                        when is_doubtful
                            then getvariable('policy').matching.doubtful_number
                        else 0
                    end
                )
            end as decimal(5, 4)
        ) as score,
        case
            when named_no = '' then 'it names no ' || replace(names_kind, '_', ' ') || '; '
            else
                'it names ' || replace(names_kind, '_', ' ') || ' ' || named_no
                || ', which we do not have; '
        end
        || case rule
            when 'exact' then 'the paper has come under this number'
            when 'normalised' then candidate_no || ' reads the same but for spelling'
            when 'suffix' then candidate_no || ' ends the same'
            when 'application_register'
                then candidate_no || ' is singled out by the invoice application'
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
            when is_neighbour then ', but it may be the next number'
            else ''
        end
        as evidence
    from ranked
)

select * from final
