-- One row per goods receipt on consignment (chain_id, receipt_no) and day on which what is left of it
-- changed: accepted, reported as sold, and still at the store, where it is stock of ours and no
-- receivable. The latest row of a receipt counts; terms that change end the consignment.

with new_receivables as (
    select *
    from settled.receivables
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- what was consigned before and is so no longer
formerly as (
    select receivables.chain_id, receivables.receipt_no, receivables.known_on
    from settled.receivables
    inner join new_receivables
        on
            receivables.chain_id = new_receivables.chain_id
            and receivables.receipt_no = new_receivables.receipt_no
            and receivables.known_on = new_receivables.previous_on
    where receivables.term_kind = 'consignment'
),

final as (
    select
        new_receivables.known_on, new_receivables.chain_id, new_receivables.debtor_id,
        new_receivables.store_id, new_receivables.receipt_no, new_receivables.receipt_date,
        new_receivables.agreement_id, new_receivables.accepted,
        case
            when new_receivables.term_kind = 'consignment' then new_receivables.amount
            else new_receivables.accepted
        end as reported,
        cast(
            case
                when new_receivables.term_kind = 'consignment'
                    then new_receivables.accepted - new_receivables.amount
                else 0
            end as decimal(18, 2)
        ) as at_store,
        new_receivables.file_id, new_receivables.sheet, new_receivables.row_no
    from new_receivables
    left join formerly
        on
            new_receivables.chain_id = formerly.chain_id
            and new_receivables.receipt_no = formerly.receipt_no
            and new_receivables.previous_on = formerly.known_on
    where new_receivables.term_kind = 'consignment' or formerly.receipt_no is not null
)

select * from final
