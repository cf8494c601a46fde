-- One row per goods receipt and invoice (chain_id, receipt_no, invoice_no) and day on which the
-- amount changed that the invoice explains of the receipt because its remark names it; `amount`
-- holds from then on, 0 is undone. It counts while no application names the invoice, and takes of
-- each receipt what no application explains. The receipts are served in the order of the remark
-- until the invoice is used up; of two invoices that name a receipt the one known first comes first.

-- the day before the window says what the window's changes are changes of
with mentions as not materialized (
    select * from matched.invoice_mentions where known_on <= getvariable('day_until')
),

mentioned as (
    select distinct chain_id, receipt_no from mentions
),

first_invoices as (
    select
        invoice_no, min(known_on) as known_on, min_by(amount, known_on) as amount,
        min_by(issued_on, known_on) as issued_on, bool_or(is_red) as is_red
    from staged.invoices
    semi join mentions using (invoice_no)
    where known_on <= getvariable('day_until')
    group by invoice_no
),

named as (
    select invoice_no, min(known_on) as known_on
    from matched.resolved_applications
    semi join mentions using (invoice_no)
    where known_on <= getvariable('day_until') and receipt_no is not null
    group by invoice_no
),

ends as (
    select invoice_no, known_on, ended_effective_on, reason
    from matched.invoice_ends
    semi join mentions using (invoice_no)
    where known_on <= getvariable('day_until')
),

receipt_versions as (
    select chain_id, receipt_no, known_on, amount
    from staged.goods_receipts
    semi join mentioned using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

applied as (
    select chain_id, receipt_no, known_on, sum(change) as change
    from matched.applied_goods
    semi join mentioned using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no, known_on
),

receipt_events as (
    select chain_id, receipt_no, known_on from receipt_versions
    union
    select chain_id, receipt_no, known_on from applied
),

-- what happened in the window to an invoice or to a receipt that it names
events as (
    select invoice_no, known_on from mentions
    union
    select invoice_no, known_on from first_invoices
    union
    select invoice_no, known_on from named
    union
    select invoice_no, known_on from ends
    union
    select mentions.invoice_no, receipt_events.known_on
    from receipt_events
    inner join mentions using (chain_id, receipt_no)
    where receipt_events.known_on >= getvariable('day_from')
),

window_events as (
    select invoice_no, known_on as day from events where known_on >= getvariable('day_from')
),

days as (
    select invoice_no, day from window_events
    union
    select invoice_no, cast(getvariable('day_from') - 1 as date) from window_events
),

-- a receipt is dealt anew on the days of every invoice that names it, and each of these invoices
-- says on all of them what it wants of it
receipt_days as (
    select distinct mentions.chain_id, mentions.receipt_no, days.day
    from days
    inner join mentions using (invoice_no)
),

invoice_days as (
    select distinct mentions.chain_id, mentions.invoice_no, receipt_days.day
    from receipt_days
    inner join mentions using (chain_id, receipt_no)
),

-- a number that is the receipt's own does not also stand for an order of that number
holding as (
    select
        invoice_days.chain_id, invoice_days.invoice_no, invoice_days.day, mentions.receipt_no,
        mentions.number, mentions.rank, min(mentions.place) as place,
        min(mentions.known_on) as named_on, min(mentions.file_id) as file_id,
        min(mentions.sheet) as sheet, min(mentions.row_no) as row_no
    from invoice_days
    inner join mentions
        on
            invoice_days.chain_id = mentions.chain_id
            and invoice_days.invoice_no = mentions.invoice_no
            and invoice_days.day >= mentions.known_on
    group by
        invoice_days.chain_id, invoice_days.invoice_no, invoice_days.day, mentions.receipt_no,
        mentions.number, mentions.rank
    having sum(mentions.placed) > 0
    qualify mentions.rank = min(mentions.rank) over (
        partition by
            invoice_days.chain_id, invoice_days.invoice_no, invoice_days.day, mentions.number
    )
),

-- named by several numbers, it is named by the one nearest to it
standing as (
    select *
    from holding
    qualify row_number() over (
        partition by chain_id, invoice_no, day, receipt_no order by rank, place, number
    ) = 1
),

amounts as (
    select
        standing.chain_id, standing.receipt_no, standing.day,
        max_by(receipt_versions.amount, receipt_versions.known_on) as amount
    from (select distinct chain_id, receipt_no, day from standing) as standing
    inner join receipt_versions
        on
            standing.chain_id = receipt_versions.chain_id
            and standing.receipt_no = receipt_versions.receipt_no
            and standing.day >= receipt_versions.known_on
    group by standing.chain_id, standing.receipt_no, standing.day
),

-- what no application explains of a receipt
rooms as (
    select
        amounts.chain_id, amounts.receipt_no, amounts.day, any_value(amounts.amount) as amount,
        any_value(amounts.amount) - coalesce(sum(applied.change), 0) as room
    from amounts
    left join applied
        on
            amounts.chain_id = applied.chain_id
            and amounts.receipt_no = applied.receipt_no
            and amounts.day >= applied.known_on
    group by amounts.chain_id, amounts.receipt_no, amounts.day
),

-- an invoice serves only goods of its own sign
wanting as (
    select
        standing.*, first_invoices.issued_on, first_invoices.is_red,
        greatest(standing.named_on, first_invoices.known_on) as starts_on,
        sign(rooms.amount) as side,
        case
            when
                standing.day >= first_invoices.known_on
                and standing.day < coalesce(named.known_on, date '9999-12-31')
                and standing.day < coalesce(ends.known_on, date '9999-12-31')
                then abs(first_invoices.amount)
            else 0
        end as invoice_amount,
        case
            when sign(first_invoices.amount) = sign(rooms.amount)
                then greatest(sign(rooms.amount) * rooms.room, 0)
            else 0
        end as room
    from standing
    inner join rooms
        on
            standing.chain_id = rooms.chain_id
            and standing.receipt_no = rooms.receipt_no
            and standing.day = rooms.day
    inner join first_invoices on standing.invoice_no = first_invoices.invoice_no
    left join named on standing.invoice_no = named.invoice_no
    left join ends on standing.invoice_no = ends.invoice_no
),

served as (
    select
        *,
        least(sum(room) over so_far, invoice_amount)
        - least(sum(room) over so_far - room, invoice_amount) as served
    from wanting
    window so_far as (
        partition by chain_id, invoice_no, day order by place, rank, receipt_no
        rows between unbounded preceding and current row
    )
),

laid as (
    select
        *,
        cast(
            side * (
                least(sum(served) over so_far, room) - least(sum(served) over so_far - served, room)
            ) as decimal(18, 2)
        ) as explained
    from served
    window so_far as (
        partition by chain_id, receipt_no, day order by starts_on, invoice_no
        rows between unbounded preceding and current row
    )
),

-- on every day of a receipt each invoice that ever names it has an amount
states as (
    select
        receipt_days.chain_id, receipt_days.receipt_no, receipt_days.day as known_on,
        pairs.invoice_no, coalesce(laid.explained, 0) as amount, laid.number, laid.rank,
        laid.file_id, laid.sheet, laid.row_no
    from receipt_days
    inner join (select distinct chain_id, receipt_no, invoice_no from mentions) as pairs
        on
            receipt_days.chain_id = pairs.chain_id
            and receipt_days.receipt_no = pairs.receipt_no
    left join laid
        on
            receipt_days.chain_id = laid.chain_id
            and receipt_days.receipt_no = laid.receipt_no
            and receipt_days.day = laid.day
            and pairs.invoice_no = laid.invoice_no
),

changes as (
    select
        * exclude (number, rank, file_id, sheet, row_no),
        amount - coalesce(lag(amount) over pair, 0) as change,
        coalesce(number, lag(number ignore nulls) over pair) as number,
        coalesce(rank, lag(rank ignore nulls) over pair) as rank,
        coalesce(file_id, lag(file_id ignore nulls) over pair) as file_id,
        coalesce(sheet, lag(sheet ignore nulls) over pair) as sheet,
        coalesce(row_no, lag(row_no ignore nulls) over pair) as row_no
    from states
    window pair as (partition by chain_id, receipt_no, invoice_no order by known_on)
),

final as (
    select
        changes.known_on, changes.chain_id, changes.receipt_no, changes.invoice_no,
        cast(changes.amount as decimal(18, 2)) as amount,
        cast(changes.change as decimal(18, 2)) as change,
        case
            when changes.amount = 0 and ends.known_on = changes.known_on then ends.ended_effective_on
            else first_invoices.issued_on
        end as effective_on,
        first_invoices.issued_on, first_invoices.is_red, 'invoice_remark' as rule,
        changes.rank > 1 as is_inferred,
        case
            when changes.amount <> 0 and changes.rank = 1
                then 'the remark of the invoice says receipt ' || changes.number
            when changes.amount <> 0
                then 'the remark of the invoice says '
                    || case changes.rank when 2 then 'delivery ' else 'order ' end
                    || changes.number || ', whose receipt this is'
            when ends.known_on <= changes.known_on then 'invoice ended: ' || ends.reason
            when named.known_on <= changes.known_on then 'an invoice application names the invoice'
            else 'other papers explain the receipt, or the remark no longer stands for it'
        end as evidence,
        changes.file_id, changes.sheet, changes.row_no
    from changes
    inner join first_invoices on changes.invoice_no = first_invoices.invoice_no
    left join named on changes.invoice_no = named.invoice_no
    left join ends on changes.invoice_no = ends.invoice_no
    where changes.known_on >= getvariable('day_from') and changes.change <> 0
)

select * from final
