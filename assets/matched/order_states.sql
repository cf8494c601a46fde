-- One row per order (chain_id, order_no) and day on which something about it changed: what stands
-- at each step, cumulative as known that day, the stage where money is stuck, since when it has
-- been there, and whose move it is. The latest row counts. An order that only other papers name is
-- implied until its own paper comes; one that no paper names any more is closed as cancelled.

with window_moves as not materialized (
    select * from matched.order_moves
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- all days of the orders that changed in the window, with the order's own paper where it came
moves as (
    select
        moves.*, orders.order_no as paper_no, orders.store_id, orders.is_cancelled, orders.file_id,
        orders.sheet, orders.row_no
    from (
        select * from window_moves
        union all
        select earlier.*
        from matched.order_moves as earlier
        semi join window_moves using (chain_id, order_no)
        where earlier.known_on < getvariable('day_from')
    ) as moves
    left join staged.orders
        on
            moves.chain_id = orders.chain_id
            and moves.order_no = orders.order_no
            and moves.known_on = orders.known_on
),

-- most orders of a first load have one day only; nothing is to be summed for them
several_days as (
    select chain_id, order_no from moves group by chain_id, order_no having count(*) > 1
),

summed as (
    select * from moves anti join several_days using (chain_id, order_no)
    union all
    select
        known_on, chain_id, order_no,
        sum(ordered) over so_far, sum(delivered) over so_far, sum(received) over so_far,
        sum(returned) over so_far, sum(applied) over so_far, sum(invoiced) over so_far,
        sum(handed_over) over so_far, sum(stated) over so_far, sum(paid) over so_far,
        last_value(paper_no ignore nulls) over so_far,
        last_value(store_id ignore nulls) over so_far,
        last_value(is_cancelled ignore nulls) over so_far,
        last_value(file_id ignore nulls) over so_far,
        last_value(case when paper_no is not null then coalesce(sheet, '') end ignore nulls)
            over so_far,
        last_value(row_no ignore nulls) over so_far
    from moves
    semi join several_days using (chain_id, order_no)
    window so_far as (
        partition by chain_id, order_no
        order by known_on
        rows between unbounded preceding and current row
    )
),

judged as (
    select
        * replace (nullif(sheet, '') as sheet),
        received + returned as net,
        case
            when coalesce(is_cancelled, false) and delivered = 0 and received = 0 then 'cancelled'
            -- every paper that named it was corrected to another order
            when
                paper_no is null and delivered = 0 and received = 0 and returned = 0
                and applied = 0 and stated = 0
                then 'cancelled'
            when
                received + returned > 0 and paid >= received + returned
                or received > 0 and received + returned = 0
                then 'paid'
            when delivered = 0 and received = 0 then 'ordered'
            when received = 0 then 'delivered'
            when invoiced < received + returned and applied < received + returned then 'received'
            when invoiced < received + returned then 'applied'
            when handed_over < invoiced then 'invoiced'
            when stated < received + returned then 'handed_over'
            else 'on_statement'
        end as stage
    from summed
),

with_stage_before as (
    select
        judged.*,
        lag(stage) over (partition by chain_id, order_no order by known_on) as stage_before
    from judged
    semi join several_days using (chain_id, order_no)
),

staged_since as (
    select *, known_on as stage_since
    from judged
    anti join several_days using (chain_id, order_no)
    union all by name
    select
        * exclude (stage_before),
        max(case when stage is distinct from stage_before then known_on end) over (
            partition by chain_id, order_no
            order by known_on
            rows between unbounded preceding and current row
        ) as stage_since
    from with_stage_before
),

changed as (
    select * from staged_since where known_on >= getvariable('day_from')
),

paperless as (
    select known_on, chain_id, order_no from changed where paper_no is null
),

-- the store of an order without paper is that of the first paper that names it; of papers known on
-- one day the delivery note comes first, then receipt, statement and application, then the number
other_papers as (
    select chain_id, order_no, known_on, 1 as turn, delivery_no as no, store_id, file_id, sheet,
        row_no
    from matched.resolved_deliveries as deliveries
    semi join paperless using (chain_id, order_no)
    where known_on <= getvariable('day_until')
    union all
    select placements.chain_id, placements.order_no, placements.known_on, 2, receipts.receipt_no,
        receipts.store_id, receipts.file_id, receipts.sheet, receipts.row_no
    from staged.goods_receipts as receipts
    inner join (
        select chain_id, receipt_no, order_no, known_on
        from matched.receipt_orders
        semi join paperless using (chain_id, order_no)
        where placed > 0 and known_on <= getvariable('day_until')
    ) as placements
        on
            receipts.chain_id = placements.chain_id
            and receipts.receipt_no = placements.receipt_no
            and receipts.known_on <= placements.known_on
    union all
    select chain_id, order_no, known_on, 3, statement_no, store_id, file_id, sheet, row_no
    from staged.statement_lines
    semi join paperless using (chain_id, order_no)
    where known_on <= getvariable('day_until') and store_id is not null
    union all
    select chain_id, order_no, known_on, 4, application_no, store_id, file_id, sheet, row_no
    from staged.invoice_applications
    semi join paperless using (chain_id, order_no)
    where known_on <= getvariable('day_until') and store_id is not null
),

implied as (
    select
        paperless.known_on, paperless.chain_id, paperless.order_no,
        min_by(
            {
                'store_id': papers.store_id, 'file_id': papers.file_id, 'sheet': papers.sheet,
                'row_no': papers.row_no
            },
            {'on': papers.known_on, 'turn': papers.turn, 'no': papers.no, 'row': papers.row_no}
        ) as paper
    from paperless
    inner join other_papers as papers
        on
            paperless.chain_id = papers.chain_id
            and paperless.order_no = papers.order_no
            and paperless.known_on >= papers.known_on
    group by paperless.known_on, paperless.chain_id, paperless.order_no
),

named as (
    select
        changed.* replace (
            coalesce(changed.store_id, implied.paper.store_id, 'unknown:' || changed.chain_id)
                as store_id,
            coalesce(changed.is_cancelled, false) as is_cancelled,
            coalesce(changed.file_id, implied.paper.file_id) as file_id,
            coalesce(changed.sheet, implied.paper.sheet) as sheet,
            coalesce(changed.row_no, implied.paper.row_no) as row_no
        ),
        changed.paper_no is null as is_implied
    from changed
    left join implied
        on
            changed.known_on = implied.known_on
            and changed.chain_id = implied.chain_id
            and changed.order_no = implied.order_no
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
        stage_since,
        case
            when stage = 'ordered' then '仓库'
            when stage in ('received', 'applied') then '开票'
            when stage not in ('paid', 'cancelled') then '客户经理'
        end as next_actor,
        is_cancelled, is_implied, file_id, sheet, row_no
    from named
)

select * from final
