-- One row per bank receipt and unit (transaction_no, unit_kind, unit_no) and day on which what the
-- payment clears of the unit changed; `amount` is the change, signed like the unit.
-- No unit is cleared beyond its balance: of a claim that finds less, the rest of the money stays
-- unapplied; of a return or red amount that finds less, the rest stands as an adjustment, for the
-- debtor has taken it. When a balance falls later, it is given back from the last payment on.
-- Returns and deductions are taken as far as the payment clears something: never less than nothing.

with claims as not materialized (
    select * from matched.steps.unit_claims
),

touched as (
    select * from matched.steps.claimed_units
),

-- a payment that brings money takes no more than it pays for, so those that net something are looked
-- at whole
netting as (
    select distinct chain_id, account_no, transaction_no
    from claims
    semi join (
        select account_no, transaction_no
        from claims
        semi join touched using (unit_kind, chain_id, unit_no)
    ) as concerned using (account_no, transaction_no)
    anti join (
        select account_no, transaction_no from staged.bank_receipts where amount < 0
    ) as sent_back using (account_no, transaction_no)
    where amount < 0
),

concerned as (
    select unit_kind, chain_id, unit_no from touched
    union
    select claims.unit_kind, claims.chain_id, claims.unit_no
    from claims
    semi join netting using (chain_id, account_no, transaction_no)
),

own_claims as (
    select claims.* from claims semi join concerned using (unit_kind, chain_id, unit_no)
),

limited as not materialized (
    select * from own_claims where unit_kind not in ('deduction', 'adjustment')
),

balances as (
    select * from matched.steps.claimed_balances
),

-- nearly always goods of one version are claimed once, and not beyond their balance
fitting as (
    select * from matched.steps.fitting_claims
),

-- payments that net something and may get less than they claim, or may give something up
doubtful as (
    select distinct chain_id, account_no, transaction_no
    from (
        select
            claims.chain_id, claims.account_no, claims.transaction_no,
            sum(sum(claims.amount)) over (
                partition by claims.chain_id, claims.account_no, claims.transaction_no
                order by claims.known_on
            ) as net,
            bool_or(
                claims.released_on is not null or claims.amount > 0 and fitting.unit_no is null
            ) as may_change
        from own_claims as claims
        semi join netting using (chain_id, account_no, transaction_no)
        left join fitting using (unit_kind, chain_id, unit_no)
        group by claims.chain_id, claims.account_no, claims.transaction_no, claims.known_on
    )
    where net < 0 or may_change
),

at_once as (
    select
        known_on, account_no, transaction_no, chain_id, unit_kind, unit_no, amount, rule, evidence,
        received_on, file_id, sheet, row_no
    from fitting
    anti join (
        select account_no, transaction_no, chain_id, -1 as side from doubtful
    ) as doubtful
        on
            fitting.account_no = doubtful.account_no
            and fitting.transaction_no = doubtful.transaction_no
            and fitting.chain_id = doubtful.chain_id
            and sign(fitting.amount) = doubtful.side
),

other_claims as (
    select own_claims.* from own_claims anti join at_once using (unit_kind, chain_id, unit_no)
),

-- units of which a payment gave up what it had claimed
released as (
    select unit_kind, chain_id, unit_no, min(released_on) as released_on
    from limited
    where released_on is not null
    group by unit_kind, chain_id, unit_no
),

sides as (
    select distinct unit_kind, chain_id, unit_no, sign(amount) as side
    from other_claims
    where unit_kind not in ('deduction', 'adjustment')
),

-- on one day papers come before payments, and payments that name their papers before others; then
-- by number; goods that stand on several papers of a payment are one claim. What is owed and what is
-- to be given back are laid out apart: goods that turn out to be a return have nothing left that a
-- payment of them cleared
claims_and_balances as (
    select
        balances.unit_kind, balances.chain_id, balances.unit_no, sides.side, balances.known_on,
        1 as turn, cast(null as varchar) as account_no, cast(null as varchar) as transaction_no,
        cast(null as varchar) as budget_no, cast(0 as decimal(18, 2)) as claimed,
        greatest(sides.side * balances.amount, 0) as balance, cast(null as date) as released_on
    from balances
    inner join sides
        on
            balances.unit_kind = sides.unit_kind
            and balances.chain_id = sides.chain_id
            and balances.unit_no = sides.unit_no
    union all
    select
        unit_kind, chain_id, unit_no, sign(amount), known_on, turn, account_no, transaction_no,
        budget_no, sum(amount), null, released_on
    from other_claims
    where unit_kind not in ('deduction', 'adjustment')
    group by
        unit_kind, chain_id, unit_no, sign(amount), known_on, turn, account_no, transaction_no,
        budget_no, released_on
),

events as (
    select claims_and_balances.* exclude (released_on)
    from claims_and_balances
    left join released using (unit_kind, chain_id, unit_no)
    where released.released_on is null or claims_and_balances.known_on < released.released_on
),

first_shares as (
    select * from matched.steps.shares_of_units
),

placed as (
    select * exclude (kind) from first_shares
    union all
    select * from matched.steps.shares_laid_anew
    union all
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, amount
    from other_claims
    where unit_kind in ('deduction', 'adjustment')
    union all
    select
        released_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, -amount
    from other_claims
    where unit_kind in ('deduction', 'adjustment') and released_on is not null
),

beyond as (
    select * from matched.steps.taken_beyond_money
),

within_money as (
    select * from placed
    union all
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, amount
    from beyond
    union all
    select
        next_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, -amount
    from beyond
    where next_on is not null
),

final as (
    select * from at_once
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from matched.steps.shares_with_evidence
)

select * from final
