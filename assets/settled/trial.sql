-- One row per debtor, chain and closed day on which something counted for the first time (as_of,
-- debtor_id, chain_id): what was owed the day before, what the day brought, and what is owed now,
-- CNY: opening + opened + charged - credited + transferred - cash - deductions - write_offs =
-- closing. A debtor without a row on a day owes what its last row says.
-- Goods and the invoice that takes them over are one charge; a return, a red or void invoice and a
-- lower amount are credits. `cash` is the money that found its place, so a deduction that a payment
-- nets does not lower it; `deductions` is what agreements support, people accept or chains repay.

with entries as (
    select
        greatest(known_on, effective_on) as as_of, debtor_id, chain_id, item_id, item_kind,
        entry_kind, receipt_no, invoice_no, amount
    from settled.ledger
    where
        known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
        and (known_on >= getvariable('day_from') or effective_on >= getvariable('day_from'))
        and amount <> 0
),

named as (
    select
        as_of, debtor_id, chain_id, coalesce(receipt_no, invoice_no, item_id) as paper_no, amount,
        case
            when entry_kind in ('cash', 'taken') then 'cash'
            when entry_kind in ('supported', 'accepted', 'repaid') then 'deductions'
            when entry_kind = 'write_off' then 'write_offs'
            when entry_kind = 'moved' then 'transferred'
            when
                entry_kind in ('charge', 'correction')
                and receipt_no is null and invoice_no is null
                then 'opened'
            else 'charged'
        end as part
    from entries
),

-- what goods and their invoices pass to each other is neither charged nor credited
by_paper as (
    select as_of, debtor_id, chain_id, part, paper_no, sum(amount) as amount
    from named
    where part = 'charged'
    group by as_of, debtor_id, chain_id, part, paper_no
),

parts as (
    select as_of, debtor_id, chain_id, part, amount from named where part <> 'charged'
    union all
    select
        as_of, debtor_id, chain_id, case when amount < 0 then 'credited' else 'charged' end, amount
    from by_paper
),

moved as (
    select
        as_of, debtor_id, chain_id,
        coalesce(sum(amount) filter (part = 'opened'), 0) as opened,
        coalesce(sum(amount) filter (part = 'charged'), 0) as charged,
        coalesce(-sum(amount) filter (part = 'credited'), 0) as credited,
        coalesce(sum(amount) filter (part = 'transferred'), 0) as transferred,
        coalesce(-sum(amount) filter (part = 'cash'), 0) as cash,
        coalesce(-sum(amount) filter (part = 'deductions'), 0) as deductions,
        coalesce(-sum(amount) filter (part = 'write_offs'), 0) as write_offs,
        sum(amount) as change
    from parts
    group by as_of, debtor_id, chain_id
),

before as (
    select debtor_id, chain_id, sum(balance) as amount
    from settled.open_items
    semi join moved using (debtor_id, chain_id)
    where as_of = getvariable('day_from') - 1
    group by debtor_id, chain_id
),

balances as (
    select
        moved.*,
        coalesce(before.amount, 0)
        + sum(change) over (partition by debtor_id, chain_id order by as_of) as closing
    from moved
    left join before using (debtor_id, chain_id)
),

final as (
    select
        as_of, debtor_id, chain_id,
        cast(closing - change as decimal(18, 2)) as opening,
        cast(opened as decimal(18, 2)) as opened,
        cast(charged as decimal(18, 2)) as charged,
        cast(credited as decimal(18, 2)) as credited,
        cast(transferred as decimal(18, 2)) as transferred,
        cast(cash as decimal(18, 2)) as cash,
        cast(deductions as decimal(18, 2)) as deductions,
        cast(write_offs as decimal(18, 2)) as write_offs,
        cast(closing as decimal(18, 2)) as closing
    from balances
)

select * from final
