-- One row per claim of a payment (account_no, transaction_no, budget_no, unit_kind, unit_no): of several
-- payments that name a paper, a later one begins where the earlier ones end.
-- Takes `with_bases`, `shared_papers` and `each_alone`.

-- the money that payments have for papers known on a day, in the turn in which a chain's are laid out
with recursive parts as (
    select
        chain_id, account_no, transaction_no, budget_no, base_known_on,
        sum(greatest(amount, 0)) as money,
        row_number() over (
            partition by chain_id order by base_known_on, transaction_no, account_no, budget_no
        ) as turn
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

-- each line with where it ends among those of its paper
lines as (
    select
        with_bases.* exclude (budget), parts.money, parts.turn,
        row_number() over (
            partition by with_bases.chain_id, parts.turn
            order by
                with_bases.document_on nulls last, with_bases.unit_no, with_bases.unit_kind,
                with_bases.meant_no, with_bases.base_kind, with_bases.base_no
        ) as line_no,
        sum(with_bases.amount) over (
            partition by
                with_bases.chain_id, parts.turn, with_bases.base_kind, with_bases.base_no
            order by
                with_bases.document_on nulls last, with_bases.unit_no, with_bases.unit_kind,
                with_bases.meant_no
            rows between unbounded preceding and current row
        ) as ends,
        sum(with_bases.amount) over (
            partition by
                with_bases.chain_id, parts.turn, with_bases.base_kind, with_bases.base_no
        ) as of_paper
    from with_bases
    inner join parts using (chain_id, account_no, transaction_no, budget_no, base_known_on)
    where with_bases.amount > 0
),

last_turns as (
    select chain_id, base_kind, base_no, max(turn) as last_turn
    from lines
    group by chain_id, base_kind, base_no
),

-- turn by turn: what a line gets, and in line 0 of each paper that is named again what all got
laid as (
    select
        cast(0 as bigint) as turn, '' as chain_id, '' as base_kind, '' as base_no,
        cast(0 as bigint) as line_no, cast(0 as decimal(38, 2)) as amount
    where (select count(*) from lines) > 0
    union all
    select * from (
        with turns as (
            select max(turn) + 1 as turn from laid
        ),

        papers as (
            select * from laid where line_no = 0
        ),

        pieces as (
            select
                lines.chain_id, lines.base_kind, lines.base_no, lines.line_no, lines.turn,
                lines.money, lines.amount, coalesce(papers.amount, 0) >= lines.of_paper as is_paid,
                least(
                    lines.amount,
                    greatest(lines.ends - coalesce(papers.amount, 0) % lines.of_paper, 0)
                ) as beyond
            from lines
            semi join turns on lines.turn = turns.turn
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
                chain_id, base_kind, base_no, line_no, turn,
                greatest(
                    least(
                        amount,
                        money - coalesce(
                            sum(amount) over (
                                partition by chain_id
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
            select turn, chain_id, base_kind, base_no, line_no, sum(amount) as amount
            from got
            group by turn, chain_id, base_kind, base_no, line_no
            union all
            select
                turns.turn, sums.chain_id, sums.base_kind, sums.base_no, 0, sum(sums.amount)
            from (
                select chain_id, base_kind, base_no, amount from papers
                union all
                select chain_id, base_kind, base_no, amount from got
            ) as sums
            inner join last_turns using (chain_id, base_kind, base_no)
            inner join turns on last_turns.last_turn > turns.turn
            group by turns.turn, sums.chain_id, sums.base_kind, sums.base_no
        )

        select turn, chain_id, base_kind, base_no, line_no, cast(amount as decimal(38, 2))
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
    select lines.* exclude (money, turn, line_no, ends, of_paper) replace (laid.amount as amount)
    from lines
    inner join laid using (chain_id, turn, line_no)
    where laid.amount > 0
)

select * from final
