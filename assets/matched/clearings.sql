-- One row per bank receipt and unit (transaction_no, unit_kind, unit_no) and day on which what the
-- payment clears of the unit changed; `amount` is the change, signed like the unit.
-- No unit is cleared beyond its balance: of a claim that finds less, the rest of the money stays
-- unapplied; of a return or red amount that finds less, the rest stands as an adjustment, for the
-- debtor has taken it. When a balance falls later, it is given back from the last payment on.
-- Returns and deductions are taken as far as the payment clears something: never less than nothing.

with answers as (
    select
        account_no, transaction_no, known_on, is_decision,
        lead(known_on) over (
            partition by account_no, transaction_no order by known_on
        ) as replaced_on
    from matched.cash_answers
    where known_on <= getvariable('day_until') and is_replacing
),

-- what a person decides outranks what the payment names, from that day on
decided as (
    select account_no, transaction_no, min(known_on) as known_on
    from answers
    where is_decision
    group by account_no, transaction_no
),

named_claims as not materialized (
    select * from matched.payment_claims where known_on <= getvariable('day_until')
    union all by name
    select * from matched.followed_claims where known_on <= getvariable('day_until')
),

claims as not materialized (
    select
        known_on, account_no, transaction_no, chain_id, reference_no, budget_no, unit_kind,
        unit_no, amount, rule, evidence, received_on, file_id, sheet, row_no, 2 as turn,
        cast(null as date) as released_on
    from named_claims
    anti join decided using (account_no, transaction_no)
    union all
    select
        claims.known_on, claims.account_no, claims.transaction_no, claims.chain_id,
        claims.reference_no, claims.budget_no, claims.unit_kind, claims.unit_no, claims.amount,
        claims.rule, claims.evidence, claims.received_on, claims.file_id, claims.sheet,
        claims.row_no, 2, decided.known_on
    from named_claims as claims
    inner join decided
        on
            claims.account_no = decided.account_no
            and claims.transaction_no = decided.transaction_no
            and claims.known_on < decided.known_on
    union all
    select
        claims.known_on, claims.account_no, claims.transaction_no, claims.chain_id,
        claims.reference_no, claims.budget_no, claims.unit_kind, claims.unit_no, claims.amount,
        claims.rule, claims.evidence, claims.received_on, claims.file_id, claims.sheet,
        claims.row_no, 3, answers.replaced_on
    from matched.inferred_claims as claims
    inner join answers
        on
            claims.account_no = answers.account_no
            and claims.transaction_no = answers.transaction_no
            and claims.answered_on = answers.known_on
    where
        claims.known_on <= getvariable('day_until')
        and claims.known_on < coalesce(answers.replaced_on, date '9999-12-31')
),

-- units claimed in the window, and earlier claims whose unit changed in it
touched as (
    select unit_kind, chain_id, unit_no
    from claims
    where known_on >= getvariable('day_from') or released_on >= getvariable('day_from')
    union
    select 'goods_receipt', chain_id, unit_no
    from claims
    semi join (
        select chain_id, receipt_no as unit_no
        from staged.goods_receipts
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and (select min(known_on) from claims) < getvariable('day_from')
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
    union
    select 'opening_item', chain_id, unit_no
    from claims
    semi join (
        select chain_id, item_id as unit_no
        from staged.opening_items
        where known_on between getvariable('day_from') and getvariable('day_until')
    ) as items using (chain_id, unit_no)
    where unit_kind = 'opening_item' and known_on < getvariable('day_from')
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

-- nearly always goods of one version are claimed once, and not beyond their balance
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
        limited.released_on is null
        and limited.amount > 0
        and sign(limited.amount) = sign(balances.amount)
        and abs(limited.amount) <= abs(balances.amount)
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
-- by number. Goods that stand on several papers of a payment are one claim. What is owed and what is to be given back are laid out apart: goods that turn out to
-- be a return have nothing left that a payment of them cleared
all_events as (
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
    select all_events.* exclude (released_on)
    from all_events
    left join released using (unit_kind, chain_id, unit_no)
    where released.released_on is null or all_events.known_on < released.released_on
),

in_force as (
    select
        * exclude (balance),
        coalesce(last_value(balance ignore nulls) over so_far, 0) as balance
    from events
    window so_far as (
        partition by unit_kind, chain_id, unit_no, side
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
        rows between unbounded preceding and current row
    )
),

summed as (
    select *, sum(abs(claimed)) over so_far as wanted_so_far
    from in_force
    window so_far as (
        partition by unit_kind, chain_id, unit_no, side
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
        rows between unbounded preceding and current row
    )
),

-- cleared(k) = least(cleared(k - 1) + wanted(k), limit(k)), written without recursion
cleared as (
    select
        *,
        wanted_so_far + least(0, min(balance - wanted_so_far) over so_far) as cleared_so_far
    from summed
    window so_far as (
        partition by unit_kind, chain_id, unit_no, side
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
        rows between unbounded preceding and current row
    )
),

changes as (
    select
        *,
        cleared_so_far - coalesce(lag(cleared_so_far) over unit, 0) as change,
        row_number() over unit as event_no
    from cleared
    window unit as (
        partition by unit_kind, chain_id, unit_no, side
        order by known_on, turn, transaction_no nulls first, account_no, budget_no
    )
),

-- a balance that falls below what was cleared is given back from the last payment on: each holds
-- the stretch between what was cleared before it and with it, as far as later falls left it
raises as (
    select *, cleared_so_far - change as begins, cleared_so_far as ends
    from changes
    where change > 0
),

falls as (
    select *, cleared_so_far as falls_to
    from changes
    where change < 0
),

given_back as (
    select
        falls.known_on, falls.event_no, falls.side, raises.unit_kind, raises.chain_id,
        raises.unit_no, raises.account_no, raises.transaction_no, raises.budget_no,
        raises.event_no as raised_no,
        least(min(raises.ends), coalesce(min(between_them.falls_to), min(raises.ends)))
        - greatest(min(raises.begins), min(falls.falls_to)) as amount
    from falls
    inner join raises
        on
            falls.unit_kind = raises.unit_kind
            and falls.chain_id = raises.chain_id
            and falls.unit_no = raises.unit_no
            and falls.side = raises.side
            and falls.event_no > raises.event_no
    left join falls as between_them
        on
            raises.unit_kind = between_them.unit_kind
            and raises.chain_id = between_them.chain_id
            and raises.unit_no = between_them.unit_no
            and raises.side = between_them.side
            and raises.event_no < between_them.event_no
            and falls.event_no > between_them.event_no
    group by all
    having
        least(min(raises.ends), coalesce(min(between_them.falls_to), min(raises.ends)))
        > greatest(min(raises.begins), min(falls.falls_to))
),

on_units as (
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no,
        side * change as amount
    from raises
    union all
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no,
        -side * amount
    from given_back
),

-- what a debtor took for a return or red amount beyond its balance
taken_beyond as (
    select
        known_on, 'adjustment' as unit_kind, chain_id, unit_no, account_no, transaction_no,
        budget_no, claimed - side * change as amount
    from changes
    where claimed < 0 and claimed <> side * change
    union all
    select
        known_on, 'adjustment', chain_id, unit_no, account_no, transaction_no, budget_no,
        side * amount
    from given_back
    where side < 0
),

-- once a claim was given up, all that still hold are laid on the unit anew, in their order
relaid_days as (
    select
        events.unit_kind, events.chain_id, events.unit_no, events.known_on,
        lead(events.known_on) over (
            partition by events.unit_kind, events.chain_id, events.unit_no
            order by events.known_on
        ) as next_on
    from (
        select unit_kind, chain_id, unit_no, known_on from all_events
        union
        select unit_kind, chain_id, unit_no, released_on from all_events
        where released_on is not null
    ) as events
    inner join released
        on
            events.unit_kind = released.unit_kind
            and events.chain_id = released.chain_id
            and events.unit_no = released.unit_no
            and events.known_on >= released.released_on
),

relaid_balances as (
    select days.unit_kind, days.chain_id, days.unit_no, days.known_on, days.next_on,
        max_by(balances.amount, balances.known_on) as balance
    from relaid_days as days
    inner join balances
        on
            days.unit_kind = balances.unit_kind
            and days.chain_id = balances.chain_id
            and days.unit_no = balances.unit_no
            and days.known_on >= balances.known_on
    group by all
),

relaid_claims as (
    select
        days.*, claims.account_no, claims.transaction_no, claims.budget_no, claims.claimed,
        case when sign(claims.claimed) = sign(days.balance) then abs(claims.claimed) else 0 end
            as wanted,
        coalesce(
            sum(
                case when sign(claims.claimed) = sign(days.balance) then abs(claims.claimed) else 0 end
            ) over (
                partition by days.unit_kind, days.chain_id, days.unit_no, days.known_on
                order by
                    claims.known_on, claims.turn, claims.transaction_no, claims.account_no,
                    claims.budget_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as begins
    from relaid_balances as days
    inner join all_events as claims
        on
            days.unit_kind = claims.unit_kind
            and days.chain_id = claims.chain_id
            and days.unit_no = claims.unit_no
            and days.known_on >= claims.known_on
            and days.known_on < coalesce(claims.released_on, date '9999-12-31')
    where claims.turn > 1
),

held as (
    select
        unit_kind, chain_id, unit_no, known_on, next_on, account_no, transaction_no, budget_no,
        claimed,
        sign(balance)
        * greatest(least(begins + wanted, abs(balance)) - least(begins, abs(balance)), 0) as amount
    from relaid_claims
),

held_parts as (
    select
        known_on, next_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no,
        amount
    from held
    union all
    select
        known_on, next_on, 'adjustment', chain_id, unit_no, account_no, transaction_no, budget_no,
        claimed - amount
    from held
    where claimed < 0
),

-- what holds on a day takes the place of what held before
relaid as (
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, amount
    from held_parts
    union all
    select
        next_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no, -amount
    from held_parts
    where next_on is not null
    union all
    select
        released.released_on, before.unit_kind, before.chain_id, before.unit_no,
        before.account_no, before.transaction_no, before.budget_no, -before.amount
    from (
        select *, unit_kind as kind from on_units
        union all
        select taken_beyond.*, units.unit_kind
        from taken_beyond
        inner join released as units
            on
                taken_beyond.chain_id = units.chain_id
                and taken_beyond.unit_no = units.unit_no
    ) as before
    inner join released
        on
            before.kind = released.unit_kind
            and before.chain_id = released.chain_id
            and before.unit_no = released.unit_no
),

placed as (
    select * from on_units
    union all
    select * from taken_beyond
    union all
    select * from relaid where amount <> 0
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

-- what the payments that net something get and take, day by day
moves as (
    select
        known_on, account_no, transaction_no, chain_id, unit_kind, unit_no, budget_no,
        sum(amount) as amount
    from (
        select
            known_on, account_no, transaction_no, chain_id, unit_kind, unit_no, budget_no, amount
        from placed
        union all
        select
            known_on, account_no, transaction_no, chain_id, unit_kind, unit_no, null, amount
        from at_once
    )
    semi join netting using (chain_id, account_no, transaction_no)
    group by all
    having sum(amount) <> 0
),

nets as (
    select
        chain_id, account_no, transaction_no, known_on,
        sum(sum(amount)) over payment as net,
        lead(known_on) over payment as next_on
    from moves
    group by chain_id, account_no, transaction_no, known_on
    window payment as (partition by chain_id, account_no, transaction_no order by known_on)
),

takings as (
    select
        nets.known_on, nets.next_on, nets.chain_id, nets.account_no, nets.transaction_no, nets.net,
        moves.unit_kind, moves.unit_no, moves.budget_no, -sum(moves.amount) as amount
    from nets
    inner join moves
        on
            nets.chain_id = moves.chain_id
            and nets.account_no = moves.account_no
            and nets.transaction_no = moves.transaction_no
            and nets.known_on >= moves.known_on
    where nets.net < 0
    group by all
    having sum(moves.amount) < 0
),

-- where another payment cleared the goods, or they are less than returns and deductions, what would
-- bring the payment below nothing is not taken: deductions first, from the last line on
beyond as (
    select
        * exclude (net, amount),
        least(
            amount,
            greatest(
                -net - coalesce(
                    sum(amount) over (
                        partition by chain_id, account_no, transaction_no, known_on
                        order by
                            unit_kind not in ('deduction', 'adjustment'),
                            unit_kind desc, unit_no desc, budget_no desc
                        rows between unbounded preceding and 1 preceding
                    ),
                    0
                ),
                0
            )
        ) as amount
    from takings
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

evidence as (
    select
        unit_kind, chain_id, unit_no, account_no, transaction_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by unit_kind, chain_id, unit_no, account_no, transaction_no
            order by known_on
        ) as known_until,
        min(rule) as rule, min(evidence) as evidence, min(received_on) as received_on,
        min(reference_no) as reference_no,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from other_claims
    group by unit_kind, chain_id, unit_no, account_no, transaction_no, known_on
),

over_time as (
    select
        within_money.known_on, within_money.account_no, within_money.transaction_no, within_money.chain_id,
        within_money.unit_kind,
        case
            when within_money.unit_kind = evidence.unit_kind then within_money.unit_no
            else coalesce(evidence.reference_no, within_money.transaction_no) || '#' || within_money.unit_no
        end as unit_no,
        cast(sum(within_money.amount) as decimal(18, 2)) as amount,
        min(evidence.rule) as rule,
        min(
            case
                when within_money.unit_kind = evidence.unit_kind then evidence.evidence
                else evidence.evidence || ', which takes more for ' || within_money.unit_no
                    || ' than its balance'
            end
        ) as evidence,
        min(evidence.received_on) as received_on,
        min(evidence.file_id) as file_id, min(evidence.sheet) as sheet,
        min(evidence.row_no) as row_no
    from within_money
    inner join evidence
        on
            within_money.chain_id = evidence.chain_id
            and within_money.unit_no = evidence.unit_no
            and within_money.account_no = evidence.account_no
            and within_money.transaction_no = evidence.transaction_no
            and within_money.known_on >= evidence.known_on
            and within_money.known_on < evidence.known_until
            and (
                within_money.unit_kind = evidence.unit_kind
                or within_money.unit_kind = 'adjustment' and evidence.unit_kind <> 'adjustment'
            )
    where within_money.known_on between getvariable('day_from') and getvariable('day_until')
    group by all
    having sum(within_money.amount) <> 0
),

final as (
    select * from at_once
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all by name
    select * from over_time
)

select * from final
