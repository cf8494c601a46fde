-- One row per deduction that payments took, the debtor and store it stands on, and day on which what
-- an agreement supports of it changed (deduction_id, debtor_id, store_id, known_on): by what payments
-- hold of it (taken_change), or because its line was weighed anew (weighed_change). An agreement
-- never supports more than payments hold. Verdicts on the line count as long as it says what it said
-- when it was taken: a later version with another fee, store or amount in its place is another line,
-- and one that gives back is no fee.

with new_takings as (
    select distinct item_id as deduction_id
    from settled.cash_applications
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and part = 'deduction'
),

new_verdicts as (
    select distinct deduction_id
    from settled.deductions
    where known_on between getvariable('day_from') and getvariable('day_until')
),

takings as (
    select
        item_id as deduction_id, chain_id, debtor_id, store_id, known_on, effective_on,
        document_no, document_on, -amount as amount
    from settled.cash_applications
    where
        known_on <= getvariable('day_until')
        and part = 'deduction'
        and (
            item_id in (select deduction_id from new_takings)
            or item_id in (select deduction_id from new_verdicts)
        )
),

parties as (
    select
        deduction_id, chain_id, debtor_id, store_id, min(known_on) as first_on,
        min(document_no) as document_no, min(document_on) as document_on
    from takings
    group by deduction_id, chain_id, debtor_id, store_id
),

first_taken as (
    select deduction_id, min(first_on) as first_on from parties group by deduction_id
),

all_verdicts as (
    select
        deductions.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id order by known_on
        ) as known_until
    from settled.deductions
    semi join first_taken using (deduction_id)
    where known_on <= getvariable('day_until') and amount > 0
),

verdicts as (
    select
        verdicts.deduction_id, greatest(verdicts.known_on, first_taken.first_on) as known_on,
        verdicts.agreement_id, greatest(verdicts.supported_amount, 0) as supported_amount,
        verdicts.file_id, verdicts.sheet, verdicts.row_no,
        lead(verdicts.known_on, 1, date '9999-12-31') over (
            partition by verdicts.deduction_id order by verdicts.known_on
        ) as known_until
    from first_taken
    inner join all_verdicts as taken
        on
            first_taken.deduction_id = taken.deduction_id
            and first_taken.first_on >= taken.known_on
            and first_taken.first_on < taken.known_until
    inner join all_verdicts as verdicts
        on
            taken.deduction_id = verdicts.deduction_id
            and verdicts.known_on >= taken.known_on
            and taken.amount = verdicts.amount
            and taken.store_id = verdicts.store_id
            and coalesce(taken.fee_code, '') = coalesce(verdicts.fee_code, '')
            and coalesce(taken.fee_name, '') = coalesce(verdicts.fee_name, '')
),

days as (
    select deduction_id, debtor_id, store_id, known_on from takings
    union
    select parties.deduction_id, parties.debtor_id, parties.store_id, verdicts.known_on
    from parties
    inner join verdicts
        on parties.deduction_id = verdicts.deduction_id and parties.first_on < verdicts.known_on
),

held_days as (
    select
        deduction_id, debtor_id, store_id, known_on, sum(amount) as amount,
        max(effective_on) as effective_on
    from takings
    group by deduction_id, debtor_id, store_id, known_on
),

held as (
    select
        days.*,
        greatest(sum(coalesce(held_days.amount, 0)) over so_far, 0) as held_amount,
        greatest(
            sum(coalesce(held_days.amount, 0)) over so_far - coalesce(held_days.amount, 0), 0
        ) as held_before,
        max(held_days.effective_on) over so_far as effective_on
    from days
    left join held_days using (deduction_id, debtor_id, store_id, known_on)
    window so_far as (partition by deduction_id, debtor_id, store_id order by known_on)
),

weighed as (
    select
        held.*, verdicts.agreement_id, verdicts.supported_amount as allowed,
        lag(verdicts.supported_amount, 1, verdicts.supported_amount) over (
            partition by held.deduction_id, held.debtor_id, held.store_id order by held.known_on
        ) as allowed_before,
        lag(verdicts.agreement_id, 1, verdicts.agreement_id) over (
            partition by held.deduction_id, held.debtor_id, held.store_id order by held.known_on
        ) as agreement_before,
        verdicts.file_id, verdicts.sheet, verdicts.row_no
    from held
    inner join verdicts
        on
            held.deduction_id = verdicts.deduction_id
            and held.known_on >= verdicts.known_on
            and held.known_on < verdicts.known_until
),

changed as (
    select
        *,
        least(allowed_before, held_amount) - least(allowed_before, held_before) as taken_change,
        least(allowed, held_amount) - least(allowed_before, held_amount) as weighed_change
    from weighed
),

final as (
    select
        changed.known_on, changed.deduction_id, parties.chain_id, changed.debtor_id,
        changed.store_id, changed.effective_on, parties.document_no, parties.document_on,
        coalesce(changed.agreement_id, changed.agreement_before) as agreement_id,
        coalesce(changed.agreement_before, changed.agreement_id) as taken_agreement_id,
        cast(least(changed.allowed, changed.held_amount) as decimal(18, 2)) as supported_amount,
        cast(changed.taken_change as decimal(18, 2)) as taken_change,
        cast(changed.weighed_change as decimal(18, 2)) as weighed_change,
        changed.file_id, changed.sheet, changed.row_no
    from changed
    inner join parties using (deduction_id, debtor_id, store_id)
    where
        changed.known_on >= getvariable('day_from')
        and (changed.taken_change <> 0 or changed.weighed_change <> 0)
)

select * from final
