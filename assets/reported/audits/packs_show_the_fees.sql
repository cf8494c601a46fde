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

versions as (
    select
        packs.as_of, deductions.counted_on, deductions.disputed_amount,
        row_number() over (
            partition by packs.as_of, deductions.deduction_id order by deductions.known_on desc
        ) as age
    from packs
    inner join settled.deductions on packs.as_of >= deductions.known_on
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
