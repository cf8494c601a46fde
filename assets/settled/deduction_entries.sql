-- One row per change of an open deduction other than its taking (item_id, entry_kind, turn,
-- transaction_no) and day on which it became known: what an agreement supports, what the chain repaid
-- or gave back, what people accepted or wrote off. A decision that counts no more, or for less, has the amount with the other sign; so
-- has the support of a deduction that no payment takes any more, or that is weighed anew for less.

with taken as (
    select *
    from settled.cash_applications
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and part = 'deduction'
),

agreed as (
    select *
    from settled.supported_deductions
    where known_on between getvariable('day_from') and getvariable('day_until')
),

supported as (
    select
        taken.known_on, taken.effective_on, taken.item_id, 'supported' as entry_kind,
        taken.chain_id, taken.debtor_id, taken.store_id, taken.document_on, taken.document_no,
        taken.transaction_no, -agreed.taken_change as amount, 10 as turn,
        case
            when agreed.taken_change < 0
                then 'no longer taken; agreement ' || agreed.taken_agreement_id || ' supported it'
            else 'agreement ' || agreed.taken_agreement_id || ' supports it'
        end as evidence,
        taken.file_id, taken.sheet, taken.row_no
    from taken
    inner join agreed
        on
            taken.item_id = agreed.deduction_id
            and taken.debtor_id = agreed.debtor_id
            and taken.store_id = agreed.store_id
            and taken.known_on = agreed.known_on
    where agreed.taken_change <> 0 and sign(taken.amount) = -sign(agreed.taken_change)
    qualify row_number() over (
        partition by taken.item_id, taken.debtor_id, taken.store_id, taken.known_on
        order by taken.transaction_no, taken.account_no
    ) = 1
),

weighed_anew as (
    select
        known_on, effective_on, deduction_id as item_id, 'supported' as entry_kind, chain_id,
        debtor_id, store_id, document_on, document_no, cast(null as varchar) as transaction_no,
        -weighed_change as amount, 10 as turn,
        'weighed anew, agreement ' || agreement_id || ' supports '
        || cast(supported_amount as varchar) || ' of it' as evidence,
        file_id, sheet, row_no
    from agreed
    where weighed_change <> 0
),

-- what is given back is no deduction of ours
given_back as (
    select
        known_on, effective_on, item_id, 'supported' as entry_kind, chain_id, debtor_id, store_id,
        document_on, document_no, transaction_no, amount, 10 as turn, 'given back' as evidence,
        file_id, sheet, row_no
    from settled.cash_applications
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and part = 'given_back'
),

document_dates as (
    select item_id, min(document_on) as document_on
    from settled.cash_applications
    semi join settled.repayments on cash_applications.item_id = repayments.deduction_id
    where part = 'deduction' and known_on <= getvariable('day_until')
    group by item_id
),

repaid as (
    select
        repayments.known_on, repayments.effective_on, repayments.deduction_id as item_id,
        'repaid' as entry_kind, repayments.chain_id, repayments.debtor_id, repayments.store_id,
        document_dates.document_on, repayments.unit_no as document_no,
        cast(null as varchar) as transaction_no, -repayments.amount as amount, 11 as turn,
        case when repayments.amount < 0 then 'no longer ' else '' end
        || 'repaid by ' || repayments.repaid_by_no as evidence,
        repayments.file_id, repayments.sheet, repayments.row_no
    from settled.repayments
    inner join document_dates on repayments.deduction_id = document_dates.item_id
    where repayments.known_on between getvariable('day_from') and getvariable('day_until')
),

decided_days as (
    select
        deduction_id as item_id, known_on, effective_on, chain_id, debtor_id, store_id, document_no,
        document_on,
        sum(cleared_amount) filter (decision = 'accept') as accepted,
        sum(cleared_amount) filter (decision = 'write_off') as written_off,
        string_agg(
            decided_by || ' on ' || cast(decided_on as varchar), ', ' order by decided_on
        ) filter (decision = 'accept' and cleared_amount > 0) as accepted_by,
        string_agg(
            decided_by || ' on ' || cast(decided_on as varchar), ', ' order by decided_on
        ) filter (decision = 'write_off' and cleared_amount > 0) as written_off_by,
        max_by(file_id, decided_on) as file_id, max_by(sheet, decided_on) as sheet,
        max_by(row_no, decided_on) as row_no
    from settled.deduction_decisions
    where known_on <= getvariable('day_until') and document_no is not null
    group by all
),

both_kinds as (
    select
        * exclude (accepted, written_off, accepted_by, written_off_by),
        'accepted' as entry_kind, coalesce(accepted, 0) as cleared, accepted_by as cleared_by,
        12 as turn
    from decided_days
    union all
    select
        * exclude (accepted, written_off, accepted_by, written_off_by),
        'write_off', coalesce(written_off, 0), written_off_by, 13
    from decided_days
),

decided as (
    select
        *, cleared - lag(cleared, 1, 0) over (
            partition by item_id, entry_kind order by known_on
        ) as change
    from both_kinds
),

on_decisions as (
    select
        known_on, effective_on, item_id, entry_kind, chain_id, debtor_id, store_id, document_on,
        document_no, cast(null as varchar) as transaction_no, -change as amount, turn,
        case
            when change < 0 then 'no longer ' else ''
        end || if(entry_kind = 'accepted', 'accepted', 'written off')
        || coalesce(' by ' || cleared_by, '') as evidence,
        file_id, sheet, row_no
    from decided
    where change <> 0 and known_on >= getvariable('day_from')
),

final as (
    select * from supported
    union all
    select * from weighed_anew
    union all
    select * from given_back
    union all
    select * from repaid
    union all
    select * from on_decisions
)

select * from final
