-- One row per payment and unit (account_no, transaction_no, unit_kind, unit_no) and day of the window on
-- which what the payment clears of the unit changed, with the rule and evidence of the claim that
-- held then. What was taken beyond a balance has a number of its own.
-- Takes `within_money` and `other_claims`.

with evidence as (
    select
        unit_kind, chain_id, unit_no, account_no, transaction_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by unit_kind, chain_id, unit_no, account_no, transaction_no
            order by known_on
        ) as known_until,
        min(rule) as rule, min(evidence) as evidence, min(received_on) as received_on,
        min(reference_no) as reference_no,
        min(file_id) as file_id, min_by(sheet, row_no) as sheet, min(row_no) as row_no
    from other_claims
    group by unit_kind, chain_id, unit_no, account_no, transaction_no, known_on
),

final as (
    select
        within_money.known_on, within_money.account_no, within_money.transaction_no, within_money.chain_id,
        within_money.unit_kind,
        case
            when within_money.unit_kind = evidence.unit_kind then within_money.unit_no
            else coalesce(evidence.reference_no, within_money.transaction_no) || '#' || within_money.unit_no
        end as unit_no,
        cast(sum(within_money.amount) as decimal(18, 2)) as amount,
        min(evidence.rule) as rule,
        min(
            case
                when within_money.unit_kind = evidence.unit_kind then evidence.evidence
                else evidence.evidence || ', which takes more for ' || within_money.unit_no
                    || ' than its balance'
            end
        ) as evidence,
        min(evidence.received_on) as received_on,
        min(evidence.file_id) as file_id, min(evidence.sheet) as sheet,
        min(evidence.row_no) as row_no
    from within_money
    inner join evidence
        on
            within_money.chain_id = evidence.chain_id
            and within_money.unit_no = evidence.unit_no
            and within_money.account_no = evidence.account_no
            and within_money.transaction_no = evidence.transaction_no
            and within_money.known_on >= evidence.known_on
            and within_money.known_on < evidence.known_until
            and (
                within_money.unit_kind = evidence.unit_kind
                or within_money.unit_kind = 'adjustment' and evidence.unit_kind <> 'adjustment'
            )
    where within_money.known_on between getvariable('day_from') and getvariable('day_until')
    group by all
    having sum(within_money.amount) <> 0
)

select * from final
