-- One row per claim on a unit (unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no) and
-- day on which what the unit's balance leaves it changed; `kind` is the unit's, while a return taken
-- beyond its balance is a share of unit_kind adjustment.
-- Takes `events`.

with in_force as (
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

-- what a debtor took for a return or red amount beyond its balance is an adjustment
final as (
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no,
        side * change as amount, unit_kind as kind
    from raises
    union all
    select
        known_on, unit_kind, chain_id, unit_no, account_no, transaction_no, budget_no,
        -side * amount, unit_kind
    from given_back
    union all
    select
        known_on, 'adjustment', chain_id, unit_no, account_no, transaction_no, budget_no,
        claimed - side * change, unit_kind
    from changes
    where claimed < 0 and claimed <> side * change
    union all
    select
        known_on, 'adjustment', chain_id, unit_no, account_no, transaction_no, budget_no,
        side * amount, unit_kind
    from given_back
    where side < 0
)

select * from final
