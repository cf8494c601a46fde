-- One row per doubtful paper, reason and day (as_of) on which the doubt holds: dated in the future,
-- contradicting another paper, over nothing, under a number used before. A date in the future is no
-- doubt any more once it has come.

with doubts as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, doubt order by known_on
        ) as known_until
    from matched.doubtful_papers
    where known_on <= getvariable('day_until')
),

spells as (
    select
        * exclude (known_until),
        case
            when doubt = 'future_date' then least(known_until, dated_on) else known_until
        end as ends_on
    from doubts
    where is_doubtful
),

marked as (
    select
        *,
        lag(ends_on) over (
            partition by chain_id, paper_kind, paper_no, doubt order by known_on
        ) is distinct from known_on as is_new
    from spells
),

opened as (
    select
        *,
        max(case when is_new then known_on end) over (
            partition by chain_id, paper_kind, paper_no, doubt order by known_on
        ) as opened_on
    from marked
),

final as (
    select
        days.as_of, opened.chain_id, opened.paper_kind || ' ' || opened.paper_no as document_no,
        opened.order_no, opened.reason,
        coalesce(opened.store_id, 'unknown:' || opened.chain_id) as store_id,
        coalesce(opened.dated_on, opened.opened_on) as settled_on, opened.amount, opened.opened_on,
        opened.evidence, opened.file_id, opened.sheet, opened.row_no
    from opened
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= opened.known_on and days.as_of < opened.ends_on
    -- two doubts for one reason are one exception: the older is told, of equal ones by name
    qualify row_number() over (
        partition by days.as_of, opened.chain_id, opened.paper_kind, opened.paper_no, opened.reason
        order by opened.opened_on, opened.doubt
    ) = 1
)

select * from final
