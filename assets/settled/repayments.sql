-- One row per deduction line by which a chain gives money back, disputed deduction that it repays
-- (repaid_by, deduction_id) and day on which what is repaid of it changed; `amount` is the change.
-- A repayment goes to the disputes of its fee, debtor and store taken by then, the oldest first, as
-- far as they go; what is beyond them repays what an agreement had supported and stands on no item.
-- What payments no longer take, or no longer give back, repays nothing and is not repaid.

with all_taken as not materialized (
    select
        item_id as deduction_id, chain_id, debtor_id, store_id, document_no as unit_no, known_on,
        effective_on, part = 'given_back' as is_gift, -amount as amount, 0 as supported_amount,
        file_id, sheet, row_no
    from settled.cash_applications
    where known_on <= getvariable('day_until') and part in ('deduction', 'given_back')
    union all by name
    select
        deduction_id, chain_id, debtor_id, store_id, document_no as unit_no, known_on,
        effective_on, false as is_gift, 0 as amount,
        taken_change + weighed_change as supported_amount
    from settled.supported_deductions
    where known_on <= getvariable('day_until')
),

verdicts as (
    select
        deduction_id, fee_code, known_on, amount < 0 as is_gift,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id, amount < 0 order by known_on
        ) as known_until
    from settled.deductions
    where known_on <= getvariable('day_until')
),

-- only fees of which something was given back
given_back as (
    select distinct chain_id, fee_code
    from settled.deductions
    where known_on <= getvariable('day_until') and amount < 0
),

first_taken as (
    select deduction_id, is_gift, min(known_on) as first_on
    from all_taken
    group by deduction_id, is_gift
),

-- the fee is what the line was last known to take, or give back, when a payment did so first
told as (
    select
        first_taken.deduction_id, first_taken.is_gift, first_taken.first_on, verdicts.fee_code
    from first_taken
    inner join verdicts
        on
            first_taken.deduction_id = verdicts.deduction_id
            and first_taken.is_gift = verdicts.is_gift
            and first_taken.first_on >= verdicts.known_on
            and first_taken.first_on < verdicts.known_until
),

taken as (
    select all_taken.*, told.* exclude (deduction_id, is_gift)
    from all_taken
    inner join told using (deduction_id, is_gift)
    inner join given_back
        on all_taken.chain_id = given_back.chain_id and told.fee_code = given_back.fee_code
),

-- fees of a debtor and store about which something is new
touched as (
    select distinct chain_id, debtor_id, store_id, fee_code
    from taken
    where known_on >= getvariable('day_from')
),

lines as (
    select
        chain_id, debtor_id, store_id, fee_code, deduction_id, first_on, is_gift, known_on,
        max(effective_on) as effective_on, min(unit_no) as unit_no, sum(amount) as amount,
        sum(supported_amount) as supported_amount, min(file_id) as file_id,
        min_by(sheet, file_id) as sheet, min_by(row_no, file_id) as row_no
    from taken
    semi join touched using (chain_id, debtor_id, store_id, fee_code)
    group by
        chain_id, debtor_id, store_id, fee_code, deduction_id, first_on, is_gift, known_on
),

days as (
    select
        *,
        lead(known_on) over (
            partition by chain_id, debtor_id, store_id, fee_code order by known_on
        ) as next_on
    from (select distinct chain_id, debtor_id, store_id, fee_code, known_on from lines)
),

-- what payments hold of each line on each day
held as (
    select
        days.chain_id, days.debtor_id, days.store_id, days.fee_code, days.known_on, days.next_on,
        lines.deduction_id, lines.first_on, lines.is_gift, min(lines.unit_no) as unit_no,
        max(lines.effective_on) as effective_on,
        case
            when not lines.is_gift
                then greatest(sum(lines.amount) - sum(lines.supported_amount), 0)
            else 0
        end as disputed,
        case when lines.is_gift then greatest(-sum(lines.amount), 0) else 0 end as given,
        min(lines.file_id) as file_id, min_by(lines.sheet, lines.file_id) as sheet,
        min_by(lines.row_no, lines.file_id) as row_no
    from days
    inner join lines
        on
            days.chain_id = lines.chain_id
            and days.debtor_id = lines.debtor_id
            and days.store_id = lines.store_id
            and days.fee_code = lines.fee_code
            and days.known_on >= lines.known_on
    group by
        days.chain_id, days.debtor_id, days.store_id, days.fee_code, days.known_on, days.next_on,
        lines.deduction_id, lines.first_on, lines.is_gift
),

summed as (
    select
        *,
        sum(disputed) over so_far as disputed_so_far,
        sum(given) over so_far as given_so_far
    from held
    where disputed > 0 or given > 0
    window so_far as (
        partition by chain_id, debtor_id, store_id, fee_code, known_on
        order by first_on, is_gift, unit_no
        rows between unbounded preceding and current row
    )
),

-- repaid(k) = least(repaid(k - 1) + given(k), disputed(k)), written without recursion
repaid as (
    select
        *,
        given_so_far + least(0, min(disputed_so_far - given_so_far) over so_far) as repaid_so_far
    from summed
    window so_far as (
        partition by chain_id, debtor_id, store_id, fee_code, known_on
        order by first_on, is_gift, unit_no
        rows between unbounded preceding and current row
    )
),

stretches as (
    select
        *,
        coalesce(
            lag(repaid_so_far) over (
                partition by chain_id, debtor_id, store_id, fee_code, known_on
                order by first_on, is_gift, unit_no
            ),
            0
        ) as repaid_before
    from repaid
),

parts as (
    select
        gifts.known_on, gifts.next_on,
        greatest(gifts.effective_on, disputes.effective_on) as effective_on,
        gifts.deduction_id as repaid_by, disputes.deduction_id, disputes.chain_id,
        disputes.debtor_id, disputes.store_id, gifts.unit_no as repaid_by_no, disputes.unit_no,
        least(gifts.repaid_so_far, disputes.disputed_so_far)
        - greatest(gifts.repaid_before, disputes.disputed_so_far - disputes.disputed) as amount,
        gifts.file_id, gifts.sheet, gifts.row_no
    from stretches as gifts
    inner join stretches as disputes
        on
            gifts.chain_id = disputes.chain_id
            and gifts.debtor_id = disputes.debtor_id
            and gifts.store_id = disputes.store_id
            and gifts.fee_code = disputes.fee_code
            and gifts.known_on = disputes.known_on
            and gifts.repaid_before < disputes.disputed_so_far
            and disputes.disputed_so_far - disputes.disputed < gifts.repaid_so_far
    where gifts.given > 0 and disputes.disputed > 0
),

-- what holds on a day takes the place of what held before
turns as (
    select * exclude (next_on) from parts
    union all by name
    select
        * exclude (known_on, next_on, amount, effective_on), next_on as known_on,
        greatest(effective_on, next_on) as effective_on, -amount as amount
    from parts
    where next_on is not null
),

final as (
    select
        known_on, max(effective_on) as effective_on, repaid_by, deduction_id, chain_id, debtor_id,
        store_id, repaid_by_no, unit_no, cast(sum(amount) as decimal(18, 2)) as amount,
        min(file_id) as file_id, min(sheet) as sheet, min(row_no) as row_no
    from turns
    where known_on >= getvariable('day_from')
    group by
        known_on, repaid_by, deduction_id, chain_id, debtor_id, store_id, repaid_by_no, unit_no
    having sum(amount) <> 0
)

select * from final
