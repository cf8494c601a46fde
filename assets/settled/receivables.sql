-- One row per goods receipt or return (chain_id, receipt_no) and day on which what is owed for it,
-- by whom or until when changed. The latest row counts; `due_on` is the due date as long as no
-- invoice covers the goods, counted from `base_on` (under invoice terms the clock does not run
-- before the hand-over). What held before stands beside it, empty in the first row of a receipt.
-- Batch terms: the goods that a store accepts on one day under one agreement are a batch; batch n
-- falls due from the day of batch n + lag, as soon as so many later batches are known. Consignment:
-- what a statement reports of a receipt as sold is owed, up to the receipt; the rest is stock.

with all_debtors as not materialized (
    select * from settled.receipt_debtors where known_on <= getvariable('day_until')
),

new_debtors as not materialized (
    select * from all_debtors where known_on >= getvariable('day_from')
),

new_reports as (
    select chain_id, receipt_no
    from matched.stated_goods
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (select min(known_on) from settled.receipt_debtors) < getvariable('day_from')
),

-- receipts with news, those of batches that such a receipt may release, and those reported as sold
touched as (
    select chain_id, receipt_no from new_debtors
    union
    select chain_id, receipt_no
    from all_debtors
    where
        term_kind = 'batch'
        and (chain_id, store_id) in (
            select (chain_id, store_id) from new_debtors where term_kind = 'batch'
        )
    union
    select chain_id, receipt_no
    from all_debtors
    where
        term_kind = 'consignment'
        and (chain_id, receipt_no) in (select (chain_id, receipt_no) from new_reports)
),

versions as materialized (
    select * from all_debtors semi join touched using (chain_id, receipt_no)
),

-- nearly always a receipt is settled once, on terms that ask for no other paper
several as (
    select chain_id, receipt_no
    from versions
    group by chain_id, receipt_no
    having count(*) > 1 or bool_or(coalesce(term_kind, '') in ('batch', 'consignment'))
),

singles as (
    select
        versions.* exclude (batch_lag),
        case when term_kind in ('monthly', 'receipt') then receipt_date end as base_on,
        amount as accepted
    from versions
    anti join several using (chain_id, receipt_no)
),

histories as (
    select
        versions.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from versions
    semi join several using (chain_id, receipt_no)
),

-- returns wait with the goods of their day, but are no batch of their own
batches as (
    select
        chain_id, agreement_id, debtor_id, store_id, batch_lag, receipt_date,
        min(known_on) filter (not is_return and amount > 0) as known_on
    from histories
    where term_kind = 'batch'
    group by chain_id, agreement_id, debtor_id, store_id, batch_lag, receipt_date
),

-- of the later batches those that became known first, as many as the lag asks for
followed as (
    select
        *,
        min(
            case
                when known_on is not null then {'known_on': known_on, 'receipt_date': receipt_date}
            end,
            coalesce(batch_lag, 1)
        ) over (
            partition by chain_id, agreement_id, debtor_id, store_id, batch_lag
            order by receipt_date desc
            rows between unbounded preceding and 1 preceding
        ) as later
    from batches
),

-- the last of them releases: what it makes due stays due, whatever older paper turns up
releases as (
    select
        * exclude (known_on, later),
        list_max(list_transform(later, lambda batch: batch.known_on)) as released_known_on,
        list_max(list_transform(later, lambda batch: batch.receipt_date)) as released_on
    from followed
    where len(later) = coalesce(batch_lag, 1)
),

batch_rows as (
    select histories.*, releases.released_known_on, releases.released_on
    from histories
    left join releases
        on
            histories.chain_id = releases.chain_id
            and coalesce(histories.agreement_id, '') = coalesce(releases.agreement_id, '')
            and histories.debtor_id = releases.debtor_id
            and histories.store_id = releases.store_id
            and coalesce(histories.batch_lag, 0) = coalesce(releases.batch_lag, 0)
            and histories.receipt_date = releases.receipt_date
    where histories.term_kind = 'batch'
),

on_batches as (
    select
        * exclude (known_until, released_known_on, released_on),
        case when released_known_on <= known_on then released_on end as base_on,
        amount as accepted
    from batch_rows
    union all
    select
        * exclude (known_until, released_known_on, released_on)
        replace (released_known_on as known_on),
        released_on, amount
    from batch_rows
    where released_known_on > known_on and released_known_on < known_until
),

-- the end of the period that a statement reports on, as its first version says
reports as (
    select
        goods.chain_id, goods.receipt_no, goods.known_on, sum(goods.change) as change,
        max(periods.period_end) as period_end
    from matched.stated_goods as goods
    left join (
        select
            chain_id, statement_no,
            min_by(coalesce(period_end, known_on), known_on) as period_end
        from staged.statements
        where known_on <= getvariable('day_until')
        group by chain_id, statement_no
    ) as periods using (chain_id, statement_no)
    where
        goods.known_on <= getvariable('day_until')
        and (goods.chain_id, goods.receipt_no) in (
            select (chain_id, receipt_no) from histories where term_kind = 'consignment'
        )
    group by goods.chain_id, goods.receipt_no, goods.known_on
),

consigned as (
    select * from histories where term_kind = 'consignment'
),

consigned_days as (
    select * exclude (known_until), known_on as day from consigned
    union all
    select consigned.* exclude (known_until), reports.known_on
    from consigned
    inner join reports
        on
            consigned.chain_id = reports.chain_id
            and consigned.receipt_no = reports.receipt_no
            and reports.known_on > consigned.known_on
            and reports.known_on < consigned.known_until
),

reported as (
    select
        days.chain_id, days.receipt_no, days.day,
        sum(reports.change) as amount,
        max_by(reports.period_end, reports.known_on) as period_end
    from consigned_days as days
    inner join reports
        on
            days.chain_id = reports.chain_id
            and days.receipt_no = reports.receipt_no
            and days.day >= reports.known_on
    group by days.chain_id, days.receipt_no, days.day
),

-- what is reported of a receipt, not beyond it, and with its sign
on_consignment as (
    select
        days.* exclude (day) replace (
            days.day as known_on,
            cast(
                case
                    when sign(reported.amount) <> sign(days.amount) or reported.amount is null then 0
                    when abs(reported.amount) < abs(days.amount) then reported.amount
                    else days.amount
                end as decimal(18, 2)
            ) as amount
        ),
        reported.period_end as base_on,
        days.amount as accepted
    from consigned_days as days
    left join reported using (chain_id, receipt_no, day)
),

rows_of_days as (
    select
        * exclude (known_until),
        case when term_kind in ('monthly', 'receipt') then receipt_date end as base_on,
        amount as accepted
    from histories
    where coalesce(term_kind, '') not in ('batch', 'consignment')
    union all by name
    select * from on_batches
    union all by name
    select * from on_consignment
),

dated as (
    select rows_of_days.*, due_dates.due_on
    from rows_of_days
    left join settled.due_dates
        on
            rows_of_days.term_kind = due_dates.term_kind
            and rows_of_days.term_days = due_dates.term_days
            and rows_of_days.pay_days = due_dates.pay_days
            and rows_of_days.statement_days = due_dates.statement_days
            and rows_of_days.base_on = due_dates.base_on
),

-- a day that changes nothing has no row
changes as (
    select * exclude (content, content_before)
    from (
        select *, lag(content) over (partition by chain_id, receipt_no order by known_on)
            as content_before
        from (
            select
                *,
                {
                    'order_no': order_no, 'store_id': store_id, 'debtor_id': debtor_id,
                    'receipt_date': receipt_date, 'amount': amount, 'accepted': accepted,
                    'agreement_id': agreement_id, 'term_kind': term_kind, 'term_days': term_days,
                    'pay_days': pay_days, 'due_on': due_on
                } as content,
                -- under invoice terms a hand-over tells the due date, by the terms of this row
                {
                    'due_on': due_on,
                    'term_days': case when term_kind = 'invoice' then term_days end,
                    'pay_days': case when term_kind = 'invoice' then pay_days end
                } as clock
            from dated
        )
    )
    where content is distinct from content_before
),

with_previous as (
    select
        * exclude (batch_lag, clock),
        amount - lag(amount, 1, 0) over receipt as change,
        lag(known_on) over receipt as previous_on,
        lag(debtor_id) over receipt as previous_debtor_id,
        lag(store_id) over receipt as previous_store_id,
        lag(clock, 1, clock) over receipt is distinct from clock as is_redated
    from changes
    window receipt as (partition by chain_id, receipt_no order by known_on)
),

dated_singles as (
    select
        singles.*, due_dates.due_on, singles.amount as change, null as previous_on,
        null as previous_debtor_id, null as previous_store_id, false as is_redated
    from singles
    left join settled.due_dates
        on
            singles.term_kind = due_dates.term_kind
            and singles.term_days = due_dates.term_days
            and singles.pay_days = due_dates.pay_days
            and singles.statement_days = due_dates.statement_days
            and singles.base_on = due_dates.base_on
),

together as (
    select * from with_previous
    union all by name
    select * from dated_singles
),

final as (
    select
        known_on, chain_id, receipt_no, order_no, store_id, debtor_id, receipt_date, is_return,
        amount, cast(change as decimal(18, 2)) as change, accepted,
        agreement_id, term_kind, term_days, pay_days, statement_days, base_on, due_on,
        previous_on, previous_debtor_id, previous_store_id, is_redated,
        file_id, sheet, row_no
    from together
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
