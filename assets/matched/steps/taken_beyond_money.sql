-- One row per return or deduction (unit_kind, unit_no, budget_no) of a payment that brings money, and
-- stretch of days (until before `next_on`) on which taking it would bring the payment below nothing;
-- `amount` is what is not taken of it.
-- Takes `doubtful`, `placed` and `at_once`.

-- what these payments get and take, day by day
with moves as (
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
    semi join doubtful using (chain_id, account_no, transaction_no)
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
final as (
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
)

select * from final
