-- One row per bank receipt and goods receipt (transaction_no, unit_no, budget_no) that it claims because
-- it paid an invoice whose goods became known later, and day: what the payment held of the part of
-- the invoice that no goods explained moves to the goods that explain it now. `amount` is what is
-- claimed more from that day on. Of several payments of one invoice, the last gives way first.

with changed as (
    select invoice_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select invoice_no
    from matched.invoice_rests
    where known_on between getvariable('day_from') and getvariable('day_until')
),

claims as (
    select
        claims.*,
        coalesce(
            sum(claims.amount) over (
                partition by claims.unit_no
                order by
                    claims.known_on, claims.transaction_no, claims.account_no, claims.budget_no,
                    claims.reference_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as begins
    from matched.payment_claims as claims
    semi join changed on claims.unit_no = changed.invoice_no
    where
        claims.known_on <= getvariable('day_until')
        and claims.unit_kind = 'invoice'
        and claims.amount > 0
),

rests as (
    select
        invoice_no, known_on, amount,
        lead(known_on, 1, date '9999-12-31') over (
            partition by invoice_no order by known_on
        ) as known_until
    from matched.invoice_rests
    where
        known_on <= getvariable('day_until')
        and invoice_no in (select unit_no from claims)
),

-- what a payment holds of the rest, first on its own day, then as the rest changes
holds as (
    select
        claims.chain_id, claims.unit_no as invoice_no, claims.account_no, claims.transaction_no,
        claims.budget_no, claims.known_on as claimed_on, claims.begins,
        greatest(rests.known_on, claims.known_on) as known_on,
        greatest(least(rests.amount - claims.begins, claims.amount), 0) as held
    from claims
    inner join rests
        on claims.unit_no = rests.invoice_no and claims.known_on < rests.known_until
),

least_holds as (
    select
        *,
        min(held) over (
            partition by invoice_no, account_no, transaction_no, budget_no
            order by known_on
            rows between unbounded preceding and current row
        ) as least_held
    from holds
),

given_up as (
    select
        *,
        coalesce(
            lag(least_held) over (
                partition by invoice_no, account_no, transaction_no, budget_no order by known_on
            ) - least_held,
            0
        ) as amount
    from least_holds
),

first_claims as (
    select unit_no as invoice_no, min(known_on) as claimed_on
    from claims
    group by unit_no
),

explained as (
    select
        goods.chain_id, goods.invoice_no, goods.receipt_no, goods.known_on, goods.amount,
        max(goods.amount) over (
            partition by goods.chain_id, goods.invoice_no, goods.receipt_no
            order by goods.known_on
            rows between unbounded preceding and current row
        ) as most
    from matched.invoiced_goods as goods
    inner join first_claims on goods.invoice_no = first_claims.invoice_no
    where goods.known_on <= getvariable('day_until')
),

-- goods that explain more than when the invoice was first paid
came as (
    select
        explained.chain_id, explained.invoice_no, explained.receipt_no, explained.known_on,
        explained.most - coalesce(
            lag(explained.most) over (
                partition by explained.chain_id, explained.invoice_no, explained.receipt_no
                order by explained.known_on
            ),
            0
        ) as amount
    from explained
),

-- both are laid out on one line, in the order of their days
money as (
    select
        *,
        sum(amount) over (
            partition by chain_id, invoice_no
            order by known_on, begins desc, transaction_no, account_no, budget_no
            rows between unbounded preceding and current row
        ) as ends
    from given_up
    where amount > 0
),

goods as (
    select
        came.*,
        sum(came.amount) over (
            partition by came.chain_id, came.invoice_no
            order by came.known_on, came.receipt_no
            rows between unbounded preceding and current row
        ) as ends
    from came
    inner join first_claims on came.invoice_no = first_claims.invoice_no
    where came.amount > 0 and came.known_on > first_claims.claimed_on
),

met as (
    select
        money.invoice_no, money.account_no, money.transaction_no, money.budget_no, goods.chain_id,
        goods.receipt_no, greatest(money.known_on, goods.known_on) as known_on,
        sum(
            least(money.ends, goods.ends)
            - greatest(money.ends - money.amount, goods.ends - goods.amount)
        ) as amount
    from money
    inner join goods
        on
            money.chain_id = goods.chain_id
            and money.invoice_no = goods.invoice_no
            and money.ends > goods.ends - goods.amount
            and goods.ends > money.ends - money.amount
    group by all
),

final as (
    select
        met.known_on, met.account_no, met.transaction_no, met.chain_id, claims.reference_kind,
        claims.reference_no, met.budget_no, 'goods_receipt' as unit_kind,
        met.receipt_no as unit_no, cast(met.amount as decimal(18, 2)) as amount, claims.rule,
        claims.evidence || ', which bills these goods' as evidence, claims.received_on,
        claims.file_id, claims.sheet, claims.row_no
    from met
    inner join claims
        on
            met.invoice_no = claims.unit_no
            and met.account_no = claims.account_no
            and met.transaction_no = claims.transaction_no
            and met.budget_no = claims.budget_no
    where met.known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
