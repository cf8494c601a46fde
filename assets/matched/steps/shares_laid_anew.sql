-- One row per claim on a unit (unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no) and
-- day from which its share changed after a claim on the unit was given up: all that still hold are
-- laid on the unit anew, in their order.
-- Takes `claims_and_balances`, `balances`, `released` and `first_shares`.

with days as (
    select
        events.unit_kind, events.chain_id, events.unit_no, events.known_on,
        lead(events.known_on) over (
            partition by events.unit_kind, events.chain_id, events.unit_no
            order by events.known_on
        ) as next_on
    from (
        select unit_kind, chain_id, unit_no, known_on from claims_and_balances
        union
        select unit_kind, chain_id, unit_no, released_on from claims_and_balances
        where released_on is not null
    ) as events
    inner join released
        on
            events.unit_kind = released.unit_kind
            and events.chain_id = released.chain_id
            and events.unit_no = released.unit_no
            and events.known_on >= released.released_on
),

dated_balances as (
    select
        days.unit_kind, days.chain_id, days.unit_no, days.known_on, days.next_on,
        max_by(balances.amount, balances.known_on) as balance
    from days
    inner join balances
        on
            days.unit_kind = balances.unit_kind
            and days.chain_id = balances.chain_id
            and days.unit_no = balances.unit_no
            and days.known_on >= balances.known_on
    group by all
),

in_order as (
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
    from dated_balances as days
    inner join claims_and_balances as claims
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
    from in_order
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
changed as (
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
    from first_shares as before
    inner join released
        on
            before.kind = released.unit_kind
            and before.chain_id = released.chain_id
            and before.unit_no = released.unit_no
),

final as (
    select * from changed where amount <> 0
)

select * from final
