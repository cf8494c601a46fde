-- One row per claim of a payment (account_no, transaction_no, budget_no, unit_kind, unit_no), with
-- what the budget of its paper, then the payment itself, leaves of its amount.
-- Takes `with_bases`.

-- nearly always a payment's papers are known together and it covers all that they claim
with covering_payments as (
    select account_no, transaction_no
    from (
        select
            account_no, transaction_no, budget_no, sum(amount) as amount,
            min(budget) as budget, min(paid_amount) as paid_amount,
            min(base_known_on) as first_on, max(base_known_on) as last_on
        from with_bases
        group by account_no, transaction_no, budget_no
    )
    group by account_no, transaction_no
    having
        bool_and(amount <= budget)
        and sum(amount) <= min(paid_amount)
        and min(first_on) = max(last_on)
),

within_budget as (
    select
        * exclude (budget, amount),
        case
            when amount < 0 then amount
            else greatest(
                least(
                    amount,
                    budget
                    - sum(least(amount, 0)) over (
                        partition by account_no, transaction_no, budget_no order by base_known_on
                    )
                    - coalesce(
                        sum(greatest(amount, 0)) over (
                            partition by account_no, transaction_no, budget_no
                            order by
                                base_known_on, document_on nulls last, unit_no, unit_kind,
                                meant_no, base_kind, base_no
                            rows between unbounded preceding and 1 preceding
                        ),
                        0
                    )
                ),
                0
            )
        end as amount
    from with_bases
    anti join covering_payments using (account_no, transaction_no)
),

final as (
    select
        * exclude (amount),
        case
            when amount < 0 then amount
            else greatest(
                least(
                    amount,
                    paid_amount
                    - sum(least(amount, 0)) over (
                        partition by account_no, transaction_no order by base_known_on
                    )
                    - coalesce(
                        sum(greatest(amount, 0)) over (
                            partition by account_no, transaction_no
                            order by
                                base_known_on, budget_no, document_on nulls last, unit_no,
                                unit_kind, meant_no, base_kind, base_no
                            rows between unbounded preceding and 1 preceding
                        ),
                        0
                    )
                ),
                0
            )
        end as amount
    from within_budget
    union all by name
    select * exclude (budget)
    from with_bases
    semi join covering_payments using (account_no, transaction_no)
)

select * from final
