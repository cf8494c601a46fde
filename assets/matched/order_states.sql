-- One row per order (chain_id, order_no) and day on which something about it changed: what stands
-- at each step, cumulative as known that day, and the stage where money is stuck. The latest row
-- counts. An order that only other papers name is implied until its own paper comes.

with touched as (
    select distinct chain_id, order_no
    from matched.order_moves
    where known_on between getvariable('day_from') and getvariable('day_until')
),

papers as (
    select
        orders.known_on, orders.chain_id, orders.order_no, orders.store_id, orders.is_cancelled,
        orders.file_id, orders.sheet, orders.row_no
    from staged.orders
    semi join touched using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
),

-- the store of an order without paper is that of the first paper that names it
other_stores as (
    select chain_id, order_no, known_on, 2 as turn, delivery_no as no, store_id, file_id, sheet,
        row_no
    from staged.deliveries
    where known_on <= getvariable('day_until') and order_no is not null
    union all
    select placements.chain_id, placements.order_no, placements.known_on, 3, receipts.receipt_no,
        receipts.store_id, receipts.file_id, receipts.sheet, receipts.row_no
    from matched.receipt_orders as placements
    inner join staged.goods_receipts as receipts
        on
            placements.chain_id = receipts.chain_id
            and placements.receipt_no = receipts.receipt_no
            and receipts.known_on <= placements.known_on
    where placements.placed > 0 and placements.known_on <= getvariable('day_until')
    union all
    select chain_id, order_no, known_on, 4, statement_no, store_id, file_id, sheet, row_no
    from staged.statement_lines
    where
        known_on <= getvariable('day_until') and order_no is not null and store_id is not null
    union all
    select chain_id, order_no, known_on, 5, application_no, store_id, file_id, sheet, row_no
    from staged.invoice_applications
    where
        known_on <= getvariable('day_until') and order_no is not null and store_id is not null
),

paperless as (
    select touched.chain_id, touched.order_no
    from touched
    anti join (
        select chain_id, order_no
        from papers
        where known_on < getvariable('day_from')
    ) as known_before using (chain_id, order_no)
    -- every order whose paper is not the first thing known of it
    anti join (
        select moves.chain_id, moves.order_no
        from (
            select moves.chain_id, moves.order_no, min(moves.known_on) as known_on
            from matched.order_moves as moves
            semi join touched using (chain_id, order_no)
            where moves.known_on <= getvariable('day_until')
            group by moves.chain_id, moves.order_no
        ) as moves
        inner join papers using (chain_id, order_no, known_on)
    ) as known_first using (chain_id, order_no)
),

first_stores as (
    select
        stores.chain_id, stores.order_no, stores.known_on,
        min_by(
            {
                'store_id': stores.store_id, 'file_id': stores.file_id, 'sheet': stores.sheet,
                'row_no': stores.row_no
            },
            {'turn': stores.turn, 'no': stores.no}
        ) as named
    from other_stores as stores
    semi join paperless using (chain_id, order_no)
    group by stores.chain_id, stores.order_no, stores.known_on
),

days as (
    select
        moves.known_on, moves.chain_id, moves.order_no,
        sum(moves.ordered) over so_far as ordered,
        sum(moves.delivered) over so_far as delivered,
        sum(moves.received) over so_far as received,
        sum(moves.returned) over so_far as returned,
        sum(moves.applied) over so_far as applied,
        sum(moves.invoiced) over so_far as invoiced,
        sum(moves.handed_over) over so_far as handed_over,
        sum(moves.stated) over so_far as stated,
        sum(moves.paid) over so_far as paid,
        last_value(
            case
                when papers.order_no is not null
                    then {
                        'store_id': papers.store_id, 'is_cancelled': papers.is_cancelled,
                        'file_id': papers.file_id, 'sheet': papers.sheet, 'row_no': papers.row_no
                    }
            end ignore nulls
        ) over so_far as paper,
        first_value(first_stores.named ignore nulls) over so_far as named
    from matched.order_moves as moves
    semi join touched using (chain_id, order_no)
    left join papers
        on
            moves.chain_id = papers.chain_id
            and moves.order_no = papers.order_no
            and moves.known_on = papers.known_on
    left join first_stores
        on
            moves.chain_id = first_stores.chain_id
            and moves.order_no = first_stores.order_no
            and moves.known_on = first_stores.known_on
    where moves.known_on <= getvariable('day_until')
    window so_far as (
        partition by moves.chain_id, moves.order_no
        order by moves.known_on
        rows between unbounded preceding and current row
    )
),

named as (
    select
        * exclude (paper, named),
        received + returned as net,
        coalesce(paper.store_id, named.store_id, 'unknown:' || chain_id) as store_id,
        coalesce(paper.is_cancelled, false) as is_cancelled,
        paper is null as is_implied,
        coalesce(paper.file_id, named.file_id) as file_id,
        coalesce(paper.sheet, named.sheet) as sheet,
        coalesce(paper.row_no, named.row_no) as row_no
    from days
),

staged as (
    select
        *,
        case
            when is_cancelled and delivered = 0 and received = 0 then 'cancelled'
            when net > 0 and paid >= net or received > 0 and net = 0 then 'paid'
            when delivered = 0 and received = 0 then 'ordered'
            when received = 0 then 'delivered'
            when invoiced < net and applied < net then 'received'
            when invoiced < net then 'applied'
            when handed_over < invoiced then 'invoiced'
            when stated < net then 'handed_over'
            else 'on_statement'
        end as stage
    from named
),

final as (
    select
        known_on, chain_id, order_no, store_id,
        cast(ordered as decimal(18, 2)) as ordered,
        cast(delivered as decimal(18, 2)) as delivered,
        cast(received as decimal(18, 2)) as received,
        cast(returned as decimal(18, 2)) as returned,
        cast(applied as decimal(18, 2)) as applied,
        cast(invoiced as decimal(18, 2)) as invoiced,
        cast(handed_over as decimal(18, 2)) as handed_over,
        cast(stated as decimal(18, 2)) as stated,
        cast(paid as decimal(18, 2)) as paid,
        stage,
        case stage
            when 'ordered' then 'delivery_note'
            when 'delivered' then 'goods_receipt'
            when 'received' then 'invoice_application'
            when 'applied' then 'invoice'
            when 'invoiced' then 'invoice_handover'
            when 'handed_over' then 'statement'
            when 'on_statement' then 'payment'
        end as missing_document,
        is_cancelled, is_implied, file_id, sheet, row_no
    from staged
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
