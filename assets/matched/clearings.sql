-- One row per bank receipt and unit (transaction_no, unit_kind, unit_no) and day on which what the
-- payment clears of the unit changed; `amount` is the change, signed like the unit.
-- No unit is cleared beyond its balance: of a claim that finds less, the rest of the money stays
-- unapplied; of a return or red amount that finds less, the rest stands as an adjustment, for the
-- debtor has taken it. When a balance falls later, the last payment gives back.

with claims as not materialized (
    select * from matched.payment_claims where known_on <= getvariable('day_until')
),

-- units claimed in the window, and earlier claims whose unit changed in it
touched as (
    select unit_kind, chain_id, unit_no
    from claims
    where known_on >= getvariable('day_from')
    union
    select 'goods_receipt', chain_id, unit_no
    from claims
    semi join (
        select chain_id, receipt_no as unit_no
        from staged.goods_receipts
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and (select min(known_on) from matched.payment_claims) < getvariable('day_from')
    ) as receipts using (chain_id, unit_no)
    where unit_kind = 'goods_receipt' and known_on < getvariable('day_from')
    union
    select 'invoice', chain_id, unit_no
    from claims
    semi join (
        select invoice_no as unit_no
        from matched.invoice_rests
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as rests using (unit_no)
    where unit_kind = 'invoice' and known_on < getvariable('day_from')
),

own_claims as (
    select claims.* from claims semi join touched using (unit_kind, chain_id, unit_no)
),

limited as not materialized (
    select * from own_claims where unit_kind not in ('deduction', 'adjustment')
),

balances as (
    select 'goods_receipt' as unit_kind, chain_id, receipt_no as unit_no, known_on, amount
    from staged.goods_receipts
    semi join limited
        on
            goods_receipts.chain_id = limited.chain_id
            and goods_receipts.receipt_no = limited.unit_no
    where goods_receipts.known_on <= getvariable('day_until')
    union all
    select 'invoice', limited.chain_id, rests.invoice_no, rests.known_on, rests.amount
    from matched.invoice_rests as rests
    inner join (
        select distinct chain_id, unit_no from limited where unit_kind = 'invoice'
    ) as limited on rests.invoice_no = limited.unit_no
    where rests.known_on <= getvariable('day_until')
    union all
    select 'opening_item', items.chain_id, items.item_id, items.known_on, items.balance
    from staged.opening_items as items
    semi join limited
        on items.chain_id = limited.chain_id and items.item_id = limited.unit_no
    where items.known_on <= getvariable('day_until')
),

single_rows as (
    select unit_kind, chain_id, unit_no
    from (
        select unit_kind, chain_id, unit_no, 1 as claims, 0 as balances from limited
        union all
        select unit_kind, chain_id, unit_no, 0, 1 from balances
    )
    group by unit_kind, chain_id, unit_no
    having sum(claims) = 1 and sum(balances) = 1
),

-- nearly always a unit of one version is claimed once, and not beyond its balance
at_once as (
    select
        limited.known_on, limited.account_no, limited.transaction_no, limited.chain_id,
        limited.unit_kind, limited.unit_no, limited.amount, limited.rule, limited.evidence,
        limited.received_on, limited.file_id, limited.sheet, limited.row_no
    from limited
    semi join single_rows using (unit_kind, chain_id, unit_no)
    inner join balances
        on
            limited.unit_kind = balances.unit_kind
            and limited.chain_id = balances.chain_id
            and limited.unit_no = balances.unit_no
            and limited.known_on >= balances.known_on
    where
        sign(limited.amount) = sign(balances.amount)
        and abs(limited.amount) <= abs(balances.amount)
),

other_claims as (
    select own_claims.* from own_claims anti join at_once using (unit_kind, chain_id, unit_no)
),

-- on one day papers come before payments; payments by number
events as (
    select
        unit_kind, chain_id, unit_no, known_on, 1 as turn,
        cast(null as varchar) as account_no, cast(null as varchar) as transaction_no,
        cast(null as varchar) as budget_no, cast(0 as decimal(18, 2)) as claimed,
        amount as balance
    from balances
    anti join at_once using (unit_kind, chain_id, unit_no)
    union all
    select
        unit_kind, chain_id, unit_no, known_on, 2, account_no, transaction_no, budget_no, amount,
        null
    from other_claims
    where unit_kind not in ('deduction', 'adjustment')
),

in_force as (
    select
        * exclude (balance),
        coalesce(last_value(balance ignore nulls) over so_far, 0) as balance
    from events
    window so_far as (
        partition by unit_kind, chain_id, unit_no
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
        rows between unbounded preceding and current row
    )
),

-- a claim against the sign of the balance cannot be met here
met as (
    select
        *,
        case when sign(claimed) = sign(balance) then abs(claimed) else 0 end as wanted,
        abs(balance) as limit_amount
    from in_force
),

summed as (
    select *, sum(wanted) over so_far as wanted_so_far
    from met
    window so_far as (
        partition by unit_kind, chain_id, unit_no
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
        rows between unbounded preceding and current row
    )
),

-- cleared(k) = least(cleared(k - 1) + wanted(k), limit(k)), written without recursion
cleared as (
    select
        *,
        wanted_so_far + least(0, min(limit_amount - wanted_so_far) over so_far) as cleared_so_far
    from summed
    window so_far as (
        partition by unit_kind, chain_id, unit_no
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
        rows between unbounded preceding and current row
    )
),

changes as (
    select
        *,
        cleared_so_far - coalesce(lag(cleared_so_far) over unit, 0) as change,
        last_value(transaction_no ignore nulls) over so_far as paying_transaction_no,
        last_value(account_no ignore nulls) over so_far as paying_account_no,
        last_value(budget_no ignore nulls) over so_far as paying_budget_no,
        coalesce(nullif(sign(balance), 0), sign(lag(balance) over unit), 1) as side
    from cleared
    window
        unit as (
            partition by unit_kind, chain_id, unit_no
            order by known_on, turn, transaction_no nulls first, account_no, budget_no
        ),
        so_far as (
            partition by unit_kind, chain_id, unit_no
            order by known_on, turn, transaction_no nulls first, account_no, budget_no
            rows between unbounded preceding and current row
        )
),

on_units as (
    select
        known_on, unit_kind, chain_id, unit_no,
        paying_account_no as account_no, paying_transaction_no as transaction_no,
        paying_budget_no as budget_no, side * change as amount
    from changes
    where change <> 0
),

-- what a debtor took for a return or red amount beyond its balance
taken_beyond as (
    select
        known_on, 'adjustment' as unit_kind, chain_id, unit_no,
        paying_account_no as account_no, paying_transaction_no as transaction_no,
        paying_budget_no as budget_no,
        case
            when claimed < 0 then claimed - side * change
            else -side * change
        end as amount
    from changes
    where
        paying_transaction_no is not null
        and (claimed < 0 and claimed <> side * change or claimed = 0 and side < 0 and change <> 0)
),

placed as (
    select * from on_units
    union all
    select * from taken_beyond
    union all
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, amount
    from other_claims
    where unit_kind in ('deduction', 'adjustment')
),

evidence as (
    select
        unit_kind, chain_id, unit_no, account_no, transaction_no,
        min(rule) as rule, min(evidence) as evidence, min(received_on) as received_on,
        min(reference_no) as reference_no,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from other_claims
    group by unit_kind, chain_id, unit_no, account_no, transaction_no
),

over_time as (
    select
        placed.known_on, placed.account_no, placed.transaction_no, placed.chain_id,
        placed.unit_kind,
        case
            when placed.unit_kind = evidence.unit_kind then placed.unit_no
            else evidence.reference_no || '#' || placed.unit_no
        end as unit_no,
        cast(sum(placed.amount) as decimal(18, 2)) as amount,
        min(evidence.rule) as rule,
        min(
            case
                when placed.unit_kind = evidence.unit_kind then evidence.evidence
                else evidence.evidence || ', which takes more for ' || placed.unit_no
                    || ' than its balance'
            end
        ) as evidence,
        min(evidence.received_on) as received_on,
        min(evidence.file_id) as file_id, min(evidence.sheet) as sheet,
        min(evidence.row_no) as row_no
    from placed
    inner join evidence
        on
            placed.chain_id = evidence.chain_id
            and placed.unit_no = evidence.unit_no
            and placed.account_no = evidence.account_no
            and placed.transaction_no = evidence.transaction_no
            and (
                placed.unit_kind = evidence.unit_kind
                or placed.unit_kind = 'adjustment' and evidence.unit_kind <> 'adjustment'
            )
    where placed.known_on between getvariable('day_from') and getvariable('day_until')
    group by all
    having sum(placed.amount) <> 0
),

final as (
    select * from at_once
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from over_time
)

select * from final
