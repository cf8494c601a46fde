-- One row per deduction line by which a chain gives money back, disputed deduction that it repays
-- (repaid_by, deduction_id) and day on which both are taken by payments. A repayment goes to the
-- disputes of its fee, debtor and store, the oldest first, as far as they go; what is beyond them
-- repays what an agreement had supported and stands on no item.

with all_taken as not materialized (
    select
        item_id as deduction_id, chain_id, debtor_id, store_id, unit_no, known_on, effective_on,
        -amount as amount, file_id, sheet, row_no
    from (
        select *, document_no as unit_no
        from settled.cash_applications
        where known_on <= getvariable('day_until') and part = 'deduction'
    )
),

verdicts as (
    select
        deduction_id, fee_code, supported_amount, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id order by known_on
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

taken as (
    select
        all_taken.*, verdicts.fee_code, verdicts.supported_amount,
        row_number() over (
            partition by all_taken.deduction_id order by all_taken.known_on, all_taken.file_id
        ) as turn
    from all_taken
    inner join verdicts
        on
            all_taken.deduction_id = verdicts.deduction_id
            and all_taken.known_on >= verdicts.known_on
            and all_taken.known_on < verdicts.known_until
    inner join given_back
        on
            all_taken.chain_id = given_back.chain_id
            and verdicts.fee_code = given_back.fee_code
),

-- an agreement supports a deduction once, when it is taken first
events as (
    select
        *,
        case
            when amount > 0 then amount - case when turn = 1 then supported_amount else 0 end
            else 0
        end as disputed,
        greatest(-amount, 0) as given
    from taken
),

summed as (
    select
        *,
        sum(disputed) over so_far as disputed_so_far,
        sum(given) over so_far as given_so_far
    from events
    window so_far as (
        partition by chain_id, debtor_id, store_id, fee_code
        order by known_on, amount < 0, unit_no, turn
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
        partition by chain_id, debtor_id, store_id, fee_code
        order by known_on, amount < 0, unit_no, turn
        rows between unbounded preceding and current row
    )
),

stretches as (
    select
        *,
        coalesce(
            lag(repaid_so_far) over (
                partition by chain_id, debtor_id, store_id, fee_code
                order by known_on, amount < 0, unit_no, turn
            ),
            0
        ) as repaid_before
    from repaid
),

final as (
    select
        gifts.known_on, greatest(gifts.effective_on, disputes.effective_on) as effective_on,
        gifts.deduction_id as repaid_by, disputes.deduction_id, disputes.chain_id,
        disputes.debtor_id, disputes.store_id, gifts.unit_no as repaid_by_no, disputes.unit_no,
        cast(
            sum(
                least(gifts.repaid_so_far, disputes.disputed_so_far)
                - greatest(gifts.repaid_before, disputes.disputed_so_far - disputes.disputed)
            ) as decimal(18, 2)
        ) as amount,
        min(gifts.file_id) as file_id, min(gifts.sheet) as sheet, min(gifts.row_no) as row_no
    from stretches as gifts
    inner join stretches as disputes
        on
            gifts.chain_id = disputes.chain_id
            and gifts.debtor_id = disputes.debtor_id
            and gifts.store_id = disputes.store_id
            and gifts.fee_code = disputes.fee_code
            and gifts.known_on >= disputes.known_on
            and gifts.repaid_before < disputes.disputed_so_far
            and disputes.disputed_so_far - disputes.disputed < gifts.repaid_so_far
    where
        gifts.given > 0
        and disputes.disputed > 0
        and gifts.known_on >= getvariable('day_from')
    group by
        gifts.known_on, greatest(gifts.effective_on, disputes.effective_on), gifts.deduction_id,
        disputes.deduction_id, disputes.chain_id, disputes.debtor_id, disputes.store_id,
        gifts.unit_no, disputes.unit_no
)

select * from final
