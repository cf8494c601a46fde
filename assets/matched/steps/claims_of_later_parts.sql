-- One row per claim of a payment (account_no, transaction_no, budget_no, unit_kind, unit_no): of several
-- payments that name a paper, a later one begins where the earlier ones end.
-- Takes `with_bases`, `shared_papers` and `each_alone`.

-- the money that payments have for papers known on a day, in the order in which it is laid out
with recursive parts as (
    select
        chain_id, account_no, transaction_no, budget_no, base_known_on,
        sum(greatest(amount, 0)) as money,
        row_number() over (
            order by base_known_on, transaction_no, account_no, budget_no, chain_id
        ) as part_no
    from each_alone
    semi join (
        select account_no, transaction_no
        from each_alone
        semi join shared_papers using (chain_id, base_kind, base_no)
    ) as sharing using (account_no, transaction_no)
    where chain_id is not null
    group by chain_id, account_no, transaction_no, budget_no, base_known_on
    having sum(greatest(amount, 0)) > 0
),

wanted as (
    select with_bases.* exclude (budget), parts.money, parts.part_no
    from with_bases
    inner join parts using (chain_id, account_no, transaction_no, budget_no, base_known_on)
    where with_bases.amount > 0
),

before_them as (
    select
        part_no,
        lag(part_no) over (
            partition by chain_id, base_kind, base_no order by part_no
        ) as before_no
    from (select distinct part_no, chain_id, base_kind, base_no from wanted)
),

-- a part has its turn once all parts before it that share a paper with it had theirs
steps as (
    select part_no, 1 as turn
    from before_them
    group by part_no
    having max(before_no) is null
    union
    select before_them.part_no, steps.turn + 1
    from steps
    inner join before_them on steps.part_no = before_them.before_no
),

turns as (
    select part_no, max(turn) as turn from steps group by part_no
),

-- each line with where it ends among those of its paper
lines as (
    select
        wanted.*, turns.turn,
        row_number() over (
            partition by wanted.part_no
            order by
                wanted.document_on nulls last, wanted.unit_no, wanted.unit_kind, wanted.meant_no,
                wanted.base_kind, wanted.base_no
        ) as line_no,
        sum(wanted.amount) over (
            partition by wanted.part_no, wanted.base_kind, wanted.base_no
            order by
                wanted.document_on nulls last, wanted.unit_no, wanted.unit_kind, wanted.meant_no
            rows between unbounded preceding and current row
        ) as ends,
        sum(wanted.amount) over (
            partition by wanted.part_no, wanted.base_kind, wanted.base_no
        ) as of_paper
    from wanted
    inner join turns using (part_no)
),

last_turns as (
    select chain_id, base_kind, base_no, max(turn) as last_turn
    from lines
    group by chain_id, base_kind, base_no
),

-- turn by turn: what a line gets, and in line 0 of each paper that is named again what all got
laid as (
    select
        0 as turn, cast(0 as bigint) as part_no, '' as chain_id, '' as base_kind, '' as base_no,
        cast(0 as bigint) as line_no, cast(0 as decimal(38, 2)) as amount
    where (select count(*) from lines) > 0
    union all
    select * from (
        with next_turn as (
            select max(turn) + 1 as turn from laid
        ),

        papers as (
            select * from laid where line_no = 0
        ),

        pieces as (
            select
                lines.chain_id, lines.base_kind, lines.base_no, lines.part_no, lines.line_no,
                lines.turn, lines.money, lines.amount,
                coalesce(papers.amount, 0) >= lines.of_paper as is_paid,
                least(
                    lines.amount,
                    greatest(lines.ends - coalesce(papers.amount, 0) % lines.of_paper, 0)
                ) as beyond
            from lines
            semi join next_turn using (turn)
            left join papers
                on
                    lines.chain_id = papers.chain_id
                    and lines.base_kind = papers.base_kind
                    and lines.base_no = papers.base_no
        ),

        -- what nobody before it pays comes first; what is left then waits on the lines paid before,
        -- which are open again when an earlier payment goes back, and is paid anew in their order
        in_order as (
            select * exclude (beyond) replace (beyond as amount), if(is_paid, 1, 0) as place
            from pieces
            union all
            select * exclude (beyond) replace (amount - beyond as amount), 2
            from pieces
        ),

        got as (
            select
                chain_id, base_kind, base_no, part_no, line_no, turn,
                greatest(
                    least(
                        amount,
                        money - coalesce(
                            sum(amount) over (
                                partition by part_no
                                order by place, line_no
                                rows between unbounded preceding and 1 preceding
                            ),
                            0
                        )
                    ),
                    0
                ) as amount
            from in_order
        ),

        told as (
            select turn, part_no, chain_id, base_kind, base_no, line_no, sum(amount) as amount
            from got
            group by turn, part_no, chain_id, base_kind, base_no, line_no
            union all
            select
                next_turn.turn, 0, sums.chain_id, sums.base_kind, sums.base_no, 0,
                sum(sums.amount)
            from (
                select chain_id, base_kind, base_no, amount from papers
                union all
                select chain_id, base_kind, base_no, amount from got
            ) as sums
            inner join last_turns using (chain_id, base_kind, base_no)
            inner join next_turn on last_turns.last_turn > next_turn.turn
            group by next_turn.turn, sums.chain_id, sums.base_kind, sums.base_no
        )

        select turn, part_no, chain_id, base_kind, base_no, line_no, cast(amount as decimal(38, 2))
        from told
    )
),

final as (
    select each_alone.*
    from each_alone
    anti join lines using (chain_id, account_no, transaction_no, budget_no, base_known_on)
    union all by name
    select each_alone.*
    from each_alone
    semi join lines using (chain_id, account_no, transaction_no, budget_no, base_known_on)
    where amount < 0
    union all by name
    select
        lines.* exclude (money, part_no, turn, line_no, ends, of_paper)
        replace (laid.amount as amount)
    from lines
    inner join laid using (part_no, line_no)
    where laid.amount > 0
)

select * from final
