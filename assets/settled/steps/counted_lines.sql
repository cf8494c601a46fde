-- One row per paper that is judged (judged_id: an agreement and its scope, a version of a paper, and the
-- day judged_on, which is the one it came on or one on which a paper before it is sent again) and line
-- that counts for it, in the order of `place`.
-- Takes `agreed` and `own`.

-- versions of the papers, those without deductions included
with paper_days as (
    select chain_id, 'statement' as paper_kind, statement_no as paper_no, known_on
    from staged.statements
    where known_on <= getvariable('day_until')
    union
    select chain_id, 'remittance_advice', advice_no, known_on
    from staged.remittance_advices
    where known_on <= getvariable('day_until')
),

versions as (
    select
        *,
        min(known_on) over (partition by chain_id, paper_kind, paper_no) as first_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no order by known_on
        ) as known_until
    from paper_days
),

-- papers and their lines have numbers here, the lines in the order in which they count, because
-- what follows sorts them again and again
placed as (
    select
        agreed.known_on, agreed.deduction_id, agreed.chain_id, agreed.paper_kind, agreed.paper_no,
        agreed.agreement_id, agreed.scope_id, agreed.counted_month, agreed.counted_year,
        agreed.basis, agreed.cap, agreed.cap_period, agreed.own_allowance, agreed.goods_paper_no,
        agreed.store_id, greatest(agreed.amount, 0) as wanted, versions.first_on,
        versions.known_until,
        row_number() over (
            order by
                versions.first_on, agreed.paper_no, agreed.paper_kind, agreed.line_no,
                agreed.known_on, agreed.deduction_id
        ) as place
    from agreed
    inner join versions using (chain_id, paper_kind, paper_no, known_on)
    where agreed.agreement_id is not null
),

-- agreements whose use papers that came again in the window may have changed
shaken as (
    select distinct chain_id, agreement_id, scope_id
    from placed
    where
        known_on > first_on and known_on >= getvariable('day_from')
        or known_until between getvariable('day_from') and getvariable('day_until')
),

placed_papers as (
    select distinct
        chain_id, agreement_id, scope_id, counted_year, paper_kind, paper_no, first_on, known_on,
        known_until
    from placed
    semi join shaken using (chain_id, agreement_id, scope_id)
),

-- from such a day on a paper counts for what it says now, and no longer for what it said
resendings as (
    select *, known_on as resent_on from placed_papers where known_on > first_on
    union
    select *, known_until from placed_papers where known_until <= getvariable('day_until')
),

weighed_anew as (
    select distinct
        papers.chain_id, papers.agreement_id, papers.scope_id, papers.counted_year,
        papers.paper_kind, papers.paper_no, papers.first_on, papers.known_on as came_on,
        resendings.resent_on
    from placed_papers as papers
    inner join resendings
        on
            papers.chain_id = resendings.chain_id
            and papers.agreement_id = resendings.agreement_id
            and papers.scope_id = resendings.scope_id
            and papers.known_on < resendings.resent_on
            and papers.known_until > resendings.resent_on
    where
        (resendings.first_on, resendings.paper_no, resendings.paper_kind)
        < (papers.first_on, papers.paper_no, papers.paper_kind)
),

judged_papers as (
    select
        *,
        dense_rank() over (
            order by chain_id, paper_kind, paper_no, known_on, agreement_id, scope_id
        ) as judged_id
    from (
        select distinct
            own.chain_id, own.agreement_id, own.scope_id, own.counted_year, own.paper_kind,
            own.paper_no, versions.first_on, own.known_on as came_on, own.known_on
        from own
        inner join versions using (chain_id, paper_kind, paper_no, known_on)
        where own.agreement_id is not null
        union
        select * rename (resent_on as known_on) from weighed_anew
        union
        select * exclude (resent_on), came_on as known_on from weighed_anew
    )
),

-- its own lines, and those that stood then of papers known before it
final as (
    select
        papers.judged_id, papers.known_on as judged_on, papers.came_on, lines.place,
        lines.deduction_id, lines.counted_month, lines.counted_year, lines.basis, lines.cap,
        lines.own_allowance, lines.goods_paper_no, lines.store_id, lines.wanted,
        lines.paper_kind = papers.paper_kind and lines.paper_no = papers.paper_no as is_own,
        case lines.cap_period
            when 'year' then cast(lines.counted_year as varchar)
            when 'month' then strftime(lines.counted_month, '%Y-%m')
            else lines.paper_kind || lines.paper_no
        end as cap_key,
        lines.basis <> 'fixed_per_event' and lines.cap_period not in ('month', 'year')
            as is_capped_first
    from judged_papers as papers
    inner join placed as lines
        on
            papers.chain_id = lines.chain_id
            and papers.agreement_id = lines.agreement_id
            and papers.scope_id = lines.scope_id
            and papers.counted_year = lines.counted_year
            and papers.known_on >= lines.known_on
    where
        papers.known_on < lines.known_until
        and (lines.first_on, lines.paper_no, lines.paper_kind)
        <= (papers.first_on, papers.paper_no, papers.paper_kind)
)

select * from final
