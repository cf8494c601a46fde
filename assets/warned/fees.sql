-- One row per store, month, fee and day on which fees taken became known (known_on, chain_id,
-- store_id, month, fee_code): fees by the month in which they were stated, CNY, positive when taken.
-- A later version of a statement takes back what the earlier one said, on the day it came.

with touched as (
    select distinct chain_id, statement_no
    from staged.statements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

versions as (
    select
        chain_id, statement_no, known_on,
        lead(known_on) over (partition by chain_id, statement_no order by known_on) as replaced_on
    from staged.statements
    semi join touched using (chain_id, statement_no)
    where known_on <= getvariable('day_until')
),

taken as (
    select
        versions.known_on, versions.replaced_on, deductions.chain_id, deductions.store_id,
        strftime(deductions.stated_on, '%Y-%m') as month, deductions.fee_code, deductions.amount
    from versions
    inner join settled.deductions as deductions using (chain_id, statement_no, known_on)
),

changes as (
    select known_on, chain_id, store_id, month, fee_code, amount from taken
    union all
    select replaced_on, chain_id, store_id, month, fee_code, -amount
    from taken
    where replaced_on is not null
),

final as (
    select
        known_on, chain_id, store_id, month, fee_code,
        cast(sum(amount) as decimal(18, 2)) as amount
    from changes
    where known_on >= getvariable('day_from')
    group by known_on, chain_id, store_id, month, fee_code
    having sum(amount) <> 0
)

select * from final
