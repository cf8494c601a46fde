-- One row per bank receipt and unit (transaction_no, unit_kind, unit_no) that an answer or a decision
-- in matched.cash_answers claims, and day on which the claim can be met: the day of the answer, or
-- of the goods receipt that it waits for. `answered_on` tells the answer.

with answers as (
    select
        known_on as answered_on, account_no, transaction_no, chain_id, rule, evidence, received_on,
        file_id, sheet, row_no, unnest(claims) as claim
    from matched.cash_answers
    where known_on <= getvariable('day_until') and len(claims) > 0
),

claims as (
    select
        * exclude (claim), claim.unit_kind as unit_kind, claim.unit_no as unit_no,
        claim.amount as amount
    from answers
),

receipts as (
    select chain_id, receipt_no, min(known_on) as known_on
    from staged.goods_receipts
    where
        known_on <= getvariable('day_until')
        and receipt_no in (select unit_no from claims where unit_kind = 'goods_receipt')
    group by chain_id, receipt_no
),

dated as (
    select
        claims.*,
        case
            when claims.unit_kind <> 'goods_receipt' then claims.answered_on
            when receipts.known_on is not null then greatest(claims.answered_on, receipts.known_on)
        end as known_on
    from claims
    left join receipts
        on claims.chain_id = receipts.chain_id and claims.unit_no = receipts.receipt_no
),

final as (
    select
        known_on, account_no, transaction_no, chain_id, rule as reference_kind,
        cast(null as varchar) as reference_no, 'answer' as budget_no, unit_kind, unit_no,
        cast(amount as decimal(18, 2)) as amount, rule, evidence, answered_on, received_on,
        file_id, sheet, row_no
    from dated
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
