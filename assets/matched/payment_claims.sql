-- One row per bank receipt and unit that it claims to clear (transaction_no, unit_kind, unit_no,
-- budget_no) and day on which the claim can be met; `amount` is signed: returns and deductions
-- are negative. Negative claims are taken in full; positive ones by document date, then number,
-- until the budget of the paper, and then the payment itself, is used up. Of several payments that
-- name a paper, a later one begins where the earlier ones end; the first takes what the paper deducts,
-- and when it went back the next one that comes.

with payment_references as not materialized (
    select * from matched.payment_references where known_on <= getvariable('day_until')
),

-- the receipts that numbers on statements were found to mean
understood as (
    select
        chain_id, paper_no, named_no, min(known_on) as known_on,
        min_by(resolved_no, known_on) as resolved_no
    from matched.resolutions
    where
        known_on <= getvariable('day_until')
        and paper_kind = 'statement'
        and resolved_no is not null
    group by chain_id, paper_no, named_no
),

touched as (
    select * from matched.steps.claiming_payments
),

-- papers that are paid in parts, with all who pay them: what a later one pays follows from the
-- earlier ones
shared_papers as (
    select * from matched.steps.papers_paid_in_parts
),

bases as (
    select payment_references.*
    from payment_references
    semi join (
        select account_no, transaction_no from touched
        union
        select account_no, transaction_no
        from payment_references
        semi join shared_papers using (chain_id, base_kind, base_no)
    ) as looked_at using (account_no, transaction_no)
),

sent_back as (
    select * from matched.steps.payments_sent_back
),

-- of several payments that name a paper one takes its returns and deductions
takers as (
    select * from matched.steps.takers_of_papers
),

from_advice_fees as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, bases.base_kind, bases.base_no,
        'deduction' as unit_kind, bases.base_no as unit_no, bases.received_on as document_on,
        bases.budget as amount
    from bases
    left join takers
        on
            bases.chain_id = takers.chain_id
            and bases.base_kind = takers.base_kind
            and bases.base_no = takers.base_no
            and bases.account_no = takers.account_no
            and bases.transaction_no = takers.transaction_no
    where
        bases.base_kind = 'deduction' and (bases.budget > 0 or takers.transaction_no is not null)
),

from_opening_items as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, bases.base_kind, bases.base_no,
        'opening_item' as unit_kind, items.item_id as unit_no, items.document_on,
        items.balance as amount
    from bases
    inner join staged.opening_items as items
        on bases.base_no = items.item_id and items.known_on <= bases.known_on
    where bases.base_kind = 'opening_item'
    qualify row_number() over (
        partition by bases.account_no, bases.transaction_no, items.item_id
        order by items.known_on
    ) = 1
),

raised as (
    select * from matched.steps.paid_statement_lines
    union all by name
    select * from matched.steps.paid_invoice_parts
    union all by name
    select * from from_advice_fees
    union all by name
    select * from from_opening_items
),

receipt_days as (
    select
        chain_id, receipt_no, min(known_on) as first_known_on,
        min_by(receipt_date, known_on) as receipt_date
    from staged.goods_receipts
    where
        known_on <= getvariable('day_until')
        and receipt_no in (
            select unit_no from raised where unit_kind = 'goods_receipt'
            union
            select meant_no from raised
        )
    group by chain_id, receipt_no
),

claims as (
    select
        account_no, transaction_no, budget_no, base_kind, base_no, unit_kind, unit_no, meant_no,
        min(meant_on) as meant_on, min(document_on) as document_on,
        sum(amount) as amount
    from raised
    group by
        account_no, transaction_no, budget_no, base_kind, base_no, unit_kind, unit_no, meant_no
    having sum(amount) <> 0
),

with_bases as (
    select
        claims.* exclude (document_on, amount),
        case
            when claims.base_kind = 'invoice' and claims.unit_kind = 'goods_receipt'
                then receipt_days.receipt_date
            else claims.document_on
        end as document_on,
        bases.chain_id, bases.known_on as base_known_on, bases.received_on, bases.paid_amount,
        bases.reference_kind, bases.reference_no, bases.rule,
        bases.file_id, bases.sheet, bases.row_no, bases.budget, claims.amount
    from claims
    inner join bases
        on
            claims.account_no = bases.account_no
            and claims.transaction_no = bases.transaction_no
            and claims.budget_no = bases.budget_no
            and claims.base_kind = bases.base_kind
            and claims.base_no = bases.base_no
    left join receipt_days
        on bases.chain_id = receipt_days.chain_id and claims.unit_no = receipt_days.receipt_no
),

each_alone as (
    select * from matched.steps.claims_within_budgets
),

within_payment as (
    select * from matched.steps.claims_of_later_parts
),

-- goods that are not known yet are waited for; a return that is not known is no reason to pay
-- less: what was taken for it stands as an adjustment until somebody explains it
dated as (
    select
        within_payment.* exclude (base_known_on, unit_kind, unit_no),
        is_unknown_return,
        case when is_unknown_return then 'adjustment' else unit_kind end as unit_kind,
        case
            when is_unknown_return then reference_no || '#' || unit_no
            else coalesce(meant_no, unit_no)
        end as unit_no,
        case
            when unit_kind = 'goods_receipt' and not is_unknown_return
                then greatest(base_known_on, meant_on, first_known_on)
            else base_known_on
        end as known_on,
        unit_kind = 'goods_receipt' and not is_unknown_return and first_known_on is null
            as is_waiting
    from (
        select
            within_payment.*,
            receipt_days.first_known_on,
            within_payment.unit_kind = 'goods_receipt'
            and within_payment.amount < 0
            and coalesce(receipt_days.first_known_on, date '9999-12-31')
            > within_payment.base_known_on as is_unknown_return
        from within_payment
        left join receipt_days
            on
                within_payment.chain_id = receipt_days.chain_id
                and case
                    when within_payment.unit_kind = 'goods_receipt'
                        then coalesce(within_payment.meant_no, within_payment.unit_no)
                end = receipt_days.receipt_no
    ) as within_payment
),

final as (
    select
        known_on, account_no, transaction_no, chain_id, reference_kind, reference_no, budget_no,
        unit_kind, unit_no, cast(amount as decimal(18, 2)) as amount, rule,
        case rule
            when 'advice' then 'the payment names advice ' || reference_no
            when 'statement_no' then 'the payment names statement ' || reference_no
            else 'the payment names invoice ' || reference_no
        end as evidence,
        received_on, file_id, sheet, row_no
    from dated
    semi join touched using (account_no, transaction_no)
    where
        amount <> 0
        and not is_waiting
        and known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
