-- Per closed day, each open deduction is on the dispute list with its balance, none is open below
-- nothing, and what decisions clear of one stays within what it is worth.

with open_deductions as (
    select as_of, item_id as deduction_id, sum(balance) as balance
    from settled.open_items
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and item_kind = 'deduction'
    group by as_of, item_id
),

listed as (
    select as_of, deduction_id, sum(open_amount) as open_amount
    from settled.disputes
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, deduction_id
),

offences as (
    select
        as_of, deduction_id, open_deductions.balance, listed.open_amount,
        'the list and the ledger differ' as offence
    from open_deductions
    full join listed using (as_of, deduction_id)
    where
        open_deductions.balance is distinct from listed.open_amount
        or open_deductions.balance < 0
    union all
    select
        known_on, deduction_id, sum(cleared_amount), min(cleared_amount),
        'a decision clears less than nothing'
    from settled.deduction_decisions
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, deduction_id
    having min(cleared_amount) < 0
)

select * from offences
