-- One row per debtor, chain and month (debtor_id, chain_id, month) and day on which the total of
-- what was written off in the month changed: small differences by policy, disputed deductions by
-- decision. The latest row known on a day is the month's total on that day, CNY.

with entries as (
    select
        known_on, effective_on, debtor_id, chain_id, item_id, amount as small_differences,
        0 as deductions
    from settled.write_offs
    where known_on <= getvariable('day_until')
    union all
    select known_on, effective_on, debtor_id, chain_id, item_id, 0, -amount
    from settled.deduction_entries
    where known_on <= getvariable('day_until') and entry_kind = 'write_off'
),

by_day as (
    select
        debtor_id, chain_id, strftime(greatest(known_on, effective_on), '%Y-%m') as month,
        known_on, sum(small_differences) as small_differences, sum(deductions) as deductions,
        count(*) as entries
    from entries
    group by all
),

running as (
    select
        known_on, debtor_id, chain_id, month,
        sum(small_differences) over this_month as small_differences,
        sum(deductions) over this_month as deductions,
        cast(sum(entries) over this_month as bigint) as entries
    from by_day
    window this_month as (partition by debtor_id, chain_id, month order by known_on)
),

final as (
    select
        known_on, debtor_id, chain_id, month,
        cast(small_differences as decimal(18, 2)) as small_differences,
        cast(deductions as decimal(18, 2)) as deductions,
        cast(small_differences + deductions as decimal(18, 2)) as amount,
        entries
    from running
    where known_on >= getvariable('day_from')
)

select * from final
