-- One row per exception (exception_id) and day on which it was no longer listed though it was the
-- day before: what it was worth at last, since when it stood, and why it is closed. An exception
-- that comes back is opened anew under its name and may close again.

with listed as (
    select * from matched.exceptions
    where as_of between getvariable('day_from') - 1 and getvariable('day_until')
),

gone as (
    select cast(listed.as_of + 1 as date) as known_on, listed.* exclude (as_of)
    from listed
    anti join listed as still
        on listed.exception_id = still.exception_id and listed.as_of + 1 = still.as_of
    where listed.as_of < getvariable('day_until')
),

-- a decision that the exception was listed in spite of did not close it
acceptances as (
    select
        gone.known_on, gone.exception_id,
        max_by(
            if(decisions.decision = 'accept', 'accepted by ', 'written off by ')
            || decisions.decided_by || ' on ' || decisions.decided_on
            || coalesce(': ' || decisions.note, ''),
            {'on': decisions.decided_on, 'known': decisions.known_on}
        ) as closed_because
    from gone
    inner join matched.exception_decisions as decisions
        on
            gone.exception_id = decisions.exception_id
            and gone.known_on >= decisions.known_on
            and decisions.decision in ('accept', 'write_off')
            and coalesce(gone.decided_on < decisions.decided_on, true)
    where
        not coalesce(
            gone.decision = decisions.decision and gone.decided_on = decisions.decided_on, false
        )
    group by gone.known_on, gone.exception_id
),

-- a complete order has no exceptions, whatever they said
completed as (
    select
        known_on, chain_id, order_no,
        if(stage = 'paid', 'the order is paid', 'the order is cancelled') as closed_because
    from matched.order_states
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and stage in ('paid', 'cancelled')
),

final as (
    select
        gone.known_on, gone.exception_id, gone.chain_id, gone.store_id, gone.debtor_id,
        gone.order_no, gone.document_no, gone.reason, gone.amount, gone.opened_on,
        gone.days_open + 1 as days_open, gone.owner,
        coalesce(
            acceptances.closed_because, completed.closed_because, 'what it says no longer holds'
        ) as closed_because,
        gone.evidence, gone.file_id, gone.sheet, gone.row_no
    from gone
    left join acceptances using (known_on, exception_id)
    left join completed using (known_on, chain_id, order_no)
)

select * from final
