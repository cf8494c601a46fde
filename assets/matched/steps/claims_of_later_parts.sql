-- One row per claim of a payment (account_no, transaction_no, budget_no, unit_kind, unit_no): of several
-- payments that name a paper, a later one begins where the earlier ones end.
-- Takes `with_bases`, `shared_papers` and `each_alone`.

-- what each payment has for a paper, and how much those before it have for the same
with parts_of_papers as (
    select
        chain_id, base_kind, base_no, account_no, transaction_no, budget_no, base_known_on,
        coalesce(
            sum(sum(greatest(amount, 0))) over (
                partition by chain_id, base_kind, base_no
                order by base_known_on, transaction_no, account_no, budget_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before_it
    from each_alone
    semi join shared_papers using (chain_id, base_kind, base_no)
    group by
        chain_id, base_kind, base_no, account_no, transaction_no, budget_no, base_known_on
),

-- the money of payments that are not the first, which is laid out anew
later_parts as (
    select account_no, transaction_no, budget_no, base_known_on, sum(greatest(amount, 0)) as money
    from each_alone
    semi join (
        select account_no, transaction_no, budget_no, base_known_on
        from parts_of_papers
        where before_it > 0
    ) as later using (account_no, transaction_no, budget_no, base_known_on)
    where not is_covered
    group by account_no, transaction_no, budget_no, base_known_on
),

-- where those before it brought more than the whole paper (one was sent back), they began anew, too
laid_out as (
    select
        with_bases.*, later_parts.money,
        coalesce(parts_of_papers.before_it, 0)
        % sum(with_bases.amount) over (
            partition by
                with_bases.account_no, with_bases.transaction_no, with_bases.budget_no,
                with_bases.base_kind, with_bases.base_no
        ) as paid_before,
        sum(with_bases.amount) over (
            partition by
                with_bases.account_no, with_bases.transaction_no, with_bases.budget_no,
                with_bases.base_kind, with_bases.base_no
            order by
                with_bases.document_on nulls last, with_bases.unit_no, with_bases.unit_kind,
                with_bases.meant_no
            rows between unbounded preceding and current row
        ) as ends
    from with_bases
    inner join later_parts
        on
            with_bases.account_no = later_parts.account_no
            and with_bases.transaction_no = later_parts.transaction_no
            and with_bases.budget_no = later_parts.budget_no
            and with_bases.base_known_on = later_parts.base_known_on
    left join parts_of_papers
        on
            with_bases.account_no = parts_of_papers.account_no
            and with_bases.transaction_no = parts_of_papers.transaction_no
            and with_bases.budget_no = parts_of_papers.budget_no
            and with_bases.chain_id = parts_of_papers.chain_id
            and with_bases.base_kind = parts_of_papers.base_kind
            and with_bases.base_no = parts_of_papers.base_no
    where with_bases.amount > 0
),

-- what nobody before it pays comes first; what is left then waits on the lines paid before, which
-- are open again when an earlier payment goes back
fresh_first as (
    select
        * exclude (amount, money, paid_before, ends, is_paid_before, budget),
        greatest(
            least(
                amount,
                money - coalesce(
                    sum(amount) over (
                        partition by account_no, transaction_no, budget_no, base_known_on
                        order by
                            is_paid_before, document_on nulls last, unit_no, unit_kind, meant_no,
                            base_kind, base_no
                        rows between unbounded preceding and 1 preceding
                    ),
                    0
                )
            ),
            0
        ) as amount
    from (
        select
            * exclude (amount), false as is_paid_before,
            least(amount, greatest(ends - paid_before, 0)) as amount
        from laid_out
        union all by name
        select
            * exclude (amount), true as is_paid_before,
            greatest(amount - greatest(ends - paid_before, 0), 0) as amount
        from laid_out
    )
),

final as (
    select each_alone.* exclude (is_covered)
    from each_alone
    left join later_parts
        on
            each_alone.account_no = later_parts.account_no
            and each_alone.transaction_no = later_parts.transaction_no
            and each_alone.budget_no = later_parts.budget_no
            and each_alone.base_known_on = later_parts.base_known_on
    where each_alone.amount < 0 or later_parts.money is null
    union all by name
    select * exclude (amount), sum(amount) as amount
    from fresh_first
    group by all
)

select * from final
