-- A settlement pack shows what was deducted beyond the fee agreements of the year: its total equals
-- the disputed part of the deductions under agreements, as known on the day.

with packs as (
    select *
    from reported.packs
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and kind = 'settlement'
        and items is not null
),

papers as (
    select chain_id, statement_no as paper_no, known_on from staged.statements
    union all
    select distinct chain_id, advice_no, known_on from staged.remittance_advices
),

standing as (
    select packs.as_of, papers.chain_id, papers.paper_no, max(papers.known_on) as came_on
    from packs
    inner join papers on packs.as_of >= papers.known_on
    group by packs.as_of, papers.chain_id, papers.paper_no
),

versions as (
    select
        standing.as_of, deductions.counted_on, deductions.disputed_amount,
        row_number() over (
            partition by standing.as_of, deductions.deduction_id order by deductions.known_on desc
        ) as age
    from standing
    inner join settled.deductions
        on
            standing.chain_id = deductions.chain_id
            and standing.paper_no = coalesce(deductions.statement_no, deductions.advice_no)
            and standing.came_on = deductions.came_on
            and standing.as_of >= deductions.known_on
    where deductions.agreement_id is not null
),

disputed as (
    select as_of, sum(disputed_amount) as amount
    from versions
    where age = 1 and year(counted_on) = year(as_of)
    group by as_of
),

compared as (
    select
        packs.as_of, packs.path, packs.amount as shown, coalesce(disputed.amount, 0) as disputed
    from packs
    left join disputed using (as_of)
),

offences as (
    select * from compared where shown <> disputed
)

select * from offences
