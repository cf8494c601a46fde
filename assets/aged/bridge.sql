-- One row per closed day, debtor and cause (as_of, debtor_id, cause): what the debtor owed the day
-- before (`opening`), what changed it, and what it owes now (`closing`), CNY, for every debtor that
-- owed, owes or moved. Opening and causes come from the ledger, closing from the open items.
-- An entry counts on the day on which it has both happened and become known. Goods and invoices
-- known more than policy's days after their date are `late_paper`; money stays `cash` however long
-- it took to be placed. What moves between items of one debtor nets to zero and is no cause.

with before as (
    select debtor_id, sum(amount) as amount
    from settled.ledger
    where known_on < getvariable('day_from') and effective_on < getvariable('day_from')
    group by debtor_id
),

new_entries as (
    select
        debtor_id, item_kind, entry_kind, receipt_no, invoice_no, effective_on, known_on, amount,
        greatest(effective_on, known_on) as counts_on
    from settled.ledger
    where
        known_on <= getvariable('day_until') and effective_on <= getvariable('day_until')
        and (known_on >= getvariable('day_from') or effective_on >= getvariable('day_from'))
        and amount <> 0
),

days as (
    select unnest(getvariable('days')) as as_of
),

corrected_rests as (
    select distinct invoice_no, known_on
    from new_entries
    where
        entry_kind in ('correction', 'moved') and invoice_no is not null and receipt_no is null
),

-- invoices whose goods were found: what the invoice billed without them goes away
explained_invoices as (
    select distinct ledger.invoice_no, ledger.known_on
    from settled.ledger
    semi join corrected_rests using (invoice_no, known_on)
    where ledger.receipt_no is not null and ledger.entry_kind = 'charge'
),

named as (
    select
        entries.counts_on as as_of, entries.debtor_id, entries.amount,
        case
            when entries.entry_kind in ('cash', 'taken') then 'cash'
            when entries.entry_kind in ('supported', 'repaid', 'accepted') then 'deductions'
            when entries.entry_kind = 'write_off' then 'write_offs'
            when entries.entry_kind = 'moved' and explained_invoices.invoice_no is null
                then 'transfers'
            when
                entries.entry_kind = 'charge'
                and entries.receipt_no is null and entries.invoice_no is null
                then 'opening_items'
            when
                entries.known_on - entries.effective_on
                > getvariable('policy').aging.late_paper_days
                then 'late_paper'
            when entries.receipt_no is not null and entries.invoice_no is not null
                then 'new_invoices'
            when entries.entry_kind in ('invoiced', 'reopened') then 'new_invoices'
            when entries.item_kind = 'uninvoiced' and entries.entry_kind = 'correction'
                then 'restatements'
            when entries.item_kind = 'uninvoiced' and entries.amount < 0 then 'returns'
            when entries.item_kind = 'uninvoiced' then 'new_goods'
            when explained_invoices.invoice_no is not null then 'new_invoices'
            when entries.item_kind = 'red_invoice' or entries.amount < 0 then 'reversals'
            else 'new_invoices'
        end as cause
    from new_entries as entries
    left join explained_invoices
        on
            case when entries.receipt_no is null then entries.invoice_no end
            = explained_invoices.invoice_no
            and entries.known_on = explained_invoices.known_on
),

changes as (
    select as_of, debtor_id, cause, sum(amount) as amount
    from named
    group by as_of, debtor_id, cause
    having sum(amount) <> 0
),

closing as (
    select as_of, debtor_id, sum(balance) as amount
    from settled.open_items
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, debtor_id
),

debtors as (
    select debtor_id from before
    union
    select debtor_id from changes
    union
    select debtor_id from closing
),

daily_changes as (
    select as_of, debtor_id, sum(amount) as amount
    from changes
    group by as_of, debtor_id
),

balances as (
    select
        days.as_of, debtors.debtor_id,
        coalesce(before.amount, 0)
        + coalesce(sum(daily_changes.amount) over earlier_days, 0) as opening,
        daily_changes.amount is not null as has_moved,
        coalesce(closing.amount, 0) as closing
    from days
    cross join debtors
    left join before on debtors.debtor_id = before.debtor_id
    left join daily_changes
        on days.as_of = daily_changes.as_of and debtors.debtor_id = daily_changes.debtor_id
    left join closing
        on days.as_of = closing.as_of and debtors.debtor_id = closing.debtor_id
    window earlier_days as (
        partition by debtors.debtor_id
        order by days.as_of
        rows between unbounded preceding and 1 preceding
    )
),

rows_of_day as (
    select
        as_of, debtor_id,
        unnest(['opening', 'closing']) as cause,
        unnest([opening, closing]) as amount
    from balances
    where opening <> 0 or closing <> 0 or has_moved
    union all
    select as_of, debtor_id, cause, amount from changes
),

final as (
    select as_of, debtor_id, cause, cast(amount as decimal(18, 2)) as amount
    from rows_of_day
)

select * from final
