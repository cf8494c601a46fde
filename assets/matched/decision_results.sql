-- One row per decision on an exception or a suspected match, as received (file_id, sheet, row_no), and day
-- on which something became of it: taken; unchanged, where it says what stands already or there is
-- nothing to decide; unknown_subject; not_understood; contradicted, by another file of its day or by
-- what the papers say later; superseded by a later decision. The latest row of a decision counts.
-- Decisions on other subjects are told by the tables that follow them.

with sent as (
    select
        decisions.* replace (coalesce(decisions.sheet, '') as sheet),
        -- who is to act is what an assignment says; it stands beside what was decided
        case
            when words.meaning <> 'assign' or decisions.target_id is not null then words.meaning
        end as meaning,
        coalesce(words.meaning = 'assign', false) as is_assignment
    from received.decisions as decisions
    left join staged.decision_words as words
        on
            decisions.subject_kind = words.subject_kind
            and lower(trim(decisions.decision)) = words.word
    where
        decisions.known_on <= getvariable('day_until')
        and decisions.subject_kind in ('exception', 'suspected_match')
),

came as (
    select * from sent where known_on >= getvariable('day_from')
),

-- an exception that was ever listed is listed now or was closed
listed as (
    select exceptions.as_of, exceptions.exception_id, exceptions.decision, exceptions.decided_on,
        exceptions.reopened_because
    from matched.exceptions
    semi join sent on exceptions.exception_id = sent.subject_id
    where exceptions.as_of between getvariable('day_from') - 1 and getvariable('day_until')
),

closed as (
    select closed.known_on, closed.exception_id, closed.closed_because
    from matched.closed_exceptions as closed
    semi join came on closed.exception_id = came.subject_id
    where closed.known_on <= getvariable('day_until')
),

suspects as (
    select suspects.suspect_id, min(suspects.as_of) as known_on
    from matched.suspected_matches as suspects
    semi join came on suspects.suspect_id = came.subject_id
    where suspects.as_of <= getvariable('day_until')
    group by suspects.suspect_id
    union
    select suspect_id, known_on
    from matched.match_decisions
    where known_on <= getvariable('day_until') and suspect_id in (select subject_id from came)
),

subjects as (
    select 'exception' as subject_kind, exception_id as subject_id, as_of as known_on from listed
    union all
    select 'exception', exception_id, known_on from closed
    union all
    select 'suspected_match', suspect_id, known_on from suspects
),

known_subjects as (
    select subject_kind, subject_id, min(known_on) as known_on
    from subjects
    group by subject_kind, subject_id
),

-- of several decisions on one day the later dated one counts, of equal ones the standing file's
rivals as (
    select
        came.file_id, came.sheet, came.row_no, came.known_on,
        max_by(
            {
                'decision': others.decision, 'meaning': others.meaning, 'by': others.decided_by,
                'on': others.decided_on
            },
            {'on': others.decided_on, 'file': others.file_id}
        ) as counts
    from came
    inner join sent as others
        on
            came.subject_kind = others.subject_kind
            and came.subject_id = others.subject_id
            and came.is_assignment = others.is_assignment
            and others.is_standing
            and others.known_on <= came.known_on
            and others.meaning is not null
            and (
                others.decided_on > came.decided_on
                or others.decided_on = came.decided_on
                and others.known_on = came.known_on
                and others.file_id <> came.file_id
                and not came.is_standing
            )
    group by came.file_id, came.sheet, came.row_no, came.known_on
),

-- what stood when it came
before as (
    select
        came.file_id, came.sheet, came.row_no, came.known_on,
        max_by(
            {
                'meaning': earlier.meaning, 'by': earlier.decided_by, 'on': earlier.decided_on,
                'target_id': earlier.target_id, 'amount': earlier.amount,
                'file_id': earlier.file_id, 'sheet': earlier.sheet, 'row_no': earlier.row_no
            },
            {'on': earlier.decided_on, 'known': earlier.known_on}
        ) as stood
    from came
    inner join sent as earlier
        on
            came.subject_kind = earlier.subject_kind
            and came.subject_id = earlier.subject_id
            and came.is_assignment = earlier.is_assignment
            and came.known_on > earlier.known_on
            and earlier.is_standing
            and earlier.meaning is not null
    group by came.file_id, came.sheet, came.row_no, came.known_on
),

-- why nothing is open under the number of an exception
gone as (
    select came.file_id, came.sheet, came.row_no, came.known_on, max_by(closed.closed_because, closed.known_on)
        as closed_because, max(closed.known_on) as closed_on
    from came
    inner join closed
        on came.subject_id = closed.exception_id and came.known_on >= closed.known_on
    group by came.file_id, came.sheet, came.row_no, came.known_on
),

is_listed as (
    select distinct came.file_id, came.sheet, came.row_no, came.known_on
    from came
    inner join listed
        on
            came.subject_id = listed.exception_id
            and listed.as_of between came.known_on - 1 and came.known_on
),

-- it may name another amount than that of the list
held_against as (
    select came.file_id, came.sheet, came.row_no, came.known_on, listed.reopened_because
    from came
    inner join listed
        on
            came.subject_id = listed.exception_id
            and came.known_on = listed.as_of
            and came.decided_on = listed.decided_on
    where listed.decision is not null and listed.reopened_because is not null
),

worths as (
    select known_on, exception_id, decided_on, amount_then
    from matched.exception_decisions
    where known_on between getvariable('day_from') and getvariable('day_until')
),

answered as (
    select
        came.*, rivals.counts, before.stood, gone.closed_because, gone.closed_on,
        subjects.known_on is not null as is_known,
        elsewhere.subject_kind as other_kind,
        -- what was accepted is open as long as it holds, though it is not listed
        is_listed.file_id is not null or worths.amount_then is not null as is_open,
        worths.amount_then, held_against.reopened_because
    from came
    left join rivals using (file_id, sheet, row_no, known_on)
    left join before using (file_id, sheet, row_no, known_on)
    left join gone using (file_id, sheet, row_no, known_on)
    left join is_listed using (file_id, sheet, row_no, known_on)
    left join held_against using (file_id, sheet, row_no, known_on)
    left join known_subjects as subjects
        on
            came.subject_kind = subjects.subject_kind
            and came.subject_id = subjects.subject_id
            and came.known_on >= subjects.known_on
    left join known_subjects as elsewhere
        on
            came.subject_kind <> elsewhere.subject_kind
            and came.subject_id = elsewhere.subject_id
            and came.known_on >= elsewhere.known_on
    left join worths
        on
            came.known_on = worths.known_on
            and came.subject_id = worths.exception_id
            and came.decided_on = worths.decided_on
),

first_results as (
    select
        *,
        case
            when is_duplicate then 'unchanged'
            when meaning is null then 'not_understood'
            when not is_known then 'unknown_subject'
            when not is_standing and counts.meaning is distinct from meaning then 'contradicted'
            when not is_standing or counts is not null then 'superseded'
            when
                stood.meaning = meaning
                and stood.target_id is not distinct from target_id
                and stood.amount is not distinct from amount
                and not (is_open and meaning in ('accept', 'write_off'))
                then 'unchanged'
            when
                subject_kind = 'exception' and not is_open and meaning <> 'reopen'
                then 'unchanged'
            when reopened_because is not null then 'contradicted'
            else 'taken'
        end as result
    from answered
),

first_sentences as (
    select
        *,
        case
            when is_duplicate then 'the same decision came before'
            when result = 'not_understood'
                then '"' || decision || '" is not understood: say '
                    || if(
                        subject_kind = 'exception',
                        'accept, dispute, write_off, assign (with target_id) or reopen',
                        'match or unmatch'
                    )
            when result = 'unknown_subject' and other_kind is not null
                then 'this is the number of an ' || other_kind || ': say so in subject_kind'
            when result = 'unknown_subject'
                then 'no ' || replace(subject_kind, '_', ' ') || ' has this number; '
                    || 'copy it from the exception list'
            when result in ('contradicted', 'superseded') and not is_standing and counts is null
                then 'another file of the day says otherwise and counts'
            when result = 'contradicted' and counts is null then reopened_because
            when result in ('contradicted', 'superseded')
                then '"' || counts.decision || '" by ' || counts.by || ' on ' || counts.on
                    || ' counts'
            when result = 'unchanged' and subject_kind = 'exception' and not is_open
                and closed_on is not null
                then 'closed on ' || closed_on || ' already: ' || closed_because
            when result = 'unchanged' and stood is not null
                then stood.by || ' decided so on ' || stood.on
            when result = 'unchanged' then 'it is not listed: there is nothing to decide'
            when meaning in ('accept', 'write_off') and amount_then is not null
                then 'listed no more while it is worth ' || amount_then
            when meaning = 'dispute'
                then 'listed as disputed by ' || decided_by
                    || coalesce(', owner ' || target_id, '')
            when meaning = 'assign' then target_id || ' is its owner'
            when meaning = 'reopen' then 'earlier decisions on it count no more'
            when meaning = 'match' then 'the paper is taken to be meant from this day on'
            when meaning = 'unmatch' then 'the paper is not proposed any more'
            else 'it counts'
        end as sentence
    from first_results
),

-- a decision stands until a later one on the same subject
replaced as (
    select
        later.known_on, earlier.* exclude (known_on),
        'superseded' as result,
        '"' || later.decision || '" by ' || later.decided_by || ' on ' || later.decided_on
        || ' counts now' as sentence
    from answered as later
    inner join sent as earlier
        on
            later.stood.file_id = earlier.file_id
            and later.stood.sheet = earlier.sheet
            and later.stood.row_no = earlier.row_no
    where
        later.is_standing
        and later.meaning is not null
        and earlier.decided_on <= later.decided_on
    -- of several that came on one day the latest dated one
    qualify row_number() over (
        partition by earlier.file_id, earlier.sheet, earlier.row_no, later.known_on
        order by later.decided_on desc, later.file_id
    ) = 1
),

-- the first day of each stretch on which an exception is listed in spite of what was decided
relisted as (
    select listed.as_of as known_on, listed.exception_id, listed.decided_on, listed.reopened_because
    from listed
    anti join listed as day_before
        on
            listed.exception_id = day_before.exception_id
            and listed.as_of - 1 = day_before.as_of
            and listed.decided_on = day_before.decided_on
            and listed.reopened_because = day_before.reopened_because
    where
        listed.as_of >= getvariable('day_from')
        and listed.decision is not null
        and listed.reopened_because is not null
),

overtaken as (
    select
        relisted.known_on, sent.* exclude (known_on), 'contradicted' as result,
        relisted.reopened_because as sentence
    from relisted
    inner join sent
        on
            relisted.exception_id = sent.subject_id
            and relisted.decided_on = sent.decided_on
            and relisted.known_on > sent.known_on
            and sent.subject_kind = 'exception'
            and sent.is_standing
            and not sent.is_assignment
    qualify row_number() over (
        partition by relisted.known_on, relisted.exception_id, relisted.decided_on
        order by sent.known_on desc, sent.file_id
    ) = 1
),

results as (
    select * from first_sentences
    union all by name
    select * from replaced
    union all by name
    select * from overtaken
),

final as (
    select
        known_on, subject_kind, subject_id, decided_on, decision, decided_by, target_id, amount,
        note, result, sentence, file_id, nullif(sheet, '') as sheet, row_no
    from results
)

select * from final
