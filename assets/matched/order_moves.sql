-- One row per order (chain_id, order_no) and day on which its papers changed: by how much each of
-- its amounts changed that day. What stands on a receipt (its amount, what is invoiced, handed over,
-- paid) counts for the order on which the receipt stands, and moves along with it. An application
-- row or statement line counts for the order of the receipt that it names; as long as that receipt
-- stands on no order, it counts for the order that it names itself.

with placements as not materialized (
    select known_on, chain_id, receipt_no, order_no, placed
    from matched.receipt_orders
    where known_on <= getvariable('day_until')
),

-- What is new is looked up among what was known before. On a first load there is no before, and the
-- conditions on the first day of a table say so without looking.
new_receipts as not materialized (
    select known_on, chain_id, receipt_no
    from staged.goods_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (select min(known_on) from staged.goods_receipts) < getvariable('day_until')
),

new_placements as not materialized (
    select chain_id, receipt_no
    from placements
    where
        known_on >= getvariable('day_from')
        and (select min(known_on) from staged.goods_receipts) < getvariable('day_from')
),

-- receipts of earlier days that change, or come to an order or leave one, in the window
receipts_in_play as (
    select earlier.chain_id, earlier.receipt_no
    from staged.goods_receipts as earlier
    semi join new_receipts as later
        on
            earlier.chain_id = later.chain_id
            and earlier.receipt_no = later.receipt_no
            and earlier.known_on < later.known_on
    where earlier.known_on < getvariable('day_until')
    union
    select earlier.chain_id, earlier.receipt_no
    from staged.goods_receipts as earlier
    semi join new_placements using (chain_id, receipt_no)
    where earlier.known_on < getvariable('day_from')
),

receipt_versions as (
    select
        receipts.known_on, receipts.chain_id, receipts.receipt_no, receipts.is_return,
        receipts.amount,
        lead(receipts.known_on) over (
            partition by receipts.chain_id, receipts.receipt_no order by receipts.known_on
        ) as known_until
    from staged.goods_receipts as receipts
    semi join receipts_in_play using (chain_id, receipt_no)
    where receipts.known_on <= getvariable('day_until')
),

-- a version counts from its day until that of the next one
receipt_changes as (
    select known_on, chain_id, receipt_no, is_return, amount
    from staged.goods_receipts
    anti join receipts_in_play using (chain_id, receipt_no)
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select known_on, chain_id, receipt_no, is_return, amount
    from receipt_versions
    union all
    select known_until, chain_id, receipt_no, is_return, -amount
    from receipt_versions
    where known_until is not null
),

new_handovers as not materialized (
    select invoice_no, known_on
    from staged.invoice_handovers
    where known_on between getvariable('day_from') and getvariable('day_until')
),

goods as (
    select known_on, chain_id, receipt_no, invoice_no, change
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select earlier.known_on, earlier.chain_id, earlier.receipt_no, earlier.invoice_no,
        earlier.change
    from matched.invoiced_goods as earlier
    where
        earlier.known_on < getvariable('day_from')
        and (
            (earlier.chain_id, earlier.receipt_no) in (
                select (chain_id, receipt_no) from receipts_in_play
            )
            or earlier.invoice_no in (
                select invoice_no
                from new_handovers
                where
                    (select min(known_on) from matched.invoiced_goods) < getvariable('day_from')
            )
        )
),

first_handovers as (
    select invoice_no, min(known_on) as handed_over_known_on
    from (
        select invoice_no, known_on from new_handovers
        union all
        select earlier.invoice_no, earlier.known_on
        from staged.invoice_handovers as earlier
        semi join (
            select invoice_no
            from goods
            where
                (select min(known_on) from staged.invoice_handovers) < getvariable('day_from')
        ) as wanted using (invoice_no)
        where earlier.known_on < getvariable('day_from')
    )
    group by invoice_no
),

invoiced as (
    select goods.*, first_handovers.handed_over_known_on
    from goods
    left join first_handovers using (invoice_no)
),

-- the rows of papers that name a receipt or an order; a later version of a paper replaces them all
named_rows as not materialized (
    select
        known_on, 'application' as paper, '' as paper_chain_id, application_no as paper_no,
        chain_id, receipt_no, order_no, amount as applied, 0 as stated
    from matched.resolved_applications as applications
    where known_on <= getvariable('day_until')
    union all
    select
        known_on, 'statement', chain_id, statement_no,
        chain_id, receipt_no, order_no, 0, amount
    from matched.resolved_statement_lines as lines
    where known_on <= getvariable('day_until') and line_kind in ('receipt', 'return')
),

new_rows as not materialized (
    select *
    from named_rows
    where
        known_on >= getvariable('day_from')
        and (select min(known_on) from named_rows) < getvariable('day_until')
),

-- papers replaced in the window, and earlier ones that name a receipt which finds its order in it
papers_in_play as (
    select earlier.paper, earlier.paper_chain_id, earlier.paper_no
    from named_rows as earlier
    semi join new_rows as later
        on
            earlier.paper = later.paper
            and earlier.paper_chain_id = later.paper_chain_id
            and earlier.paper_no = later.paper_no
            and earlier.known_on < later.known_on
    where earlier.known_on < getvariable('day_until')
    union
    select earlier.paper, earlier.paper_chain_id, earlier.paper_no
    from named_rows as earlier
    semi join (
        select chain_id, receipt_no
        from placements
        where
            known_on >= getvariable('day_from')
            and (select min(known_on) from named_rows) < getvariable('day_from')
    ) as placed using (chain_id, receipt_no)
    where earlier.known_on < getvariable('day_from')
),

paper_days as (
    select
        *,
        lead(known_on) over (
            partition by paper, paper_chain_id, paper_no order by known_on
        ) as known_until
    from (
        select distinct paper, paper_chain_id, paper_no, known_on
        from named_rows
        semi join papers_in_play using (paper, paper_chain_id, paper_no)
    )
),

rows_in_play as (
    select named_rows.*, paper_days.known_until
    from named_rows
    inner join paper_days using (paper, paper_chain_id, paper_no, known_on)
),

row_changes as (
    select known_on, chain_id, receipt_no, order_no, applied, stated
    from named_rows
    anti join papers_in_play using (paper, paper_chain_id, paper_no)
    where known_on >= getvariable('day_from')
    union all
    select known_on, chain_id, receipt_no, order_no, applied, stated
    from rows_in_play
    union all
    select known_until, chain_id, receipt_no, order_no, -applied, -stated
    from rows_in_play
    where known_until is not null
),

-- what changes on a receipt, whatever order it stands on
on_receipts as materialized (
    select
        known_on, chain_id, receipt_no,
        case when is_return then 0 else amount end as received,
        case when is_return then amount else 0 end as returned,
        0 as applied, 0 as invoiced, 0 as handed_over, 0 as stated, 0 as paid
    from receipt_changes
    union all
    select
        known_on, chain_id, receipt_no, 0, 0, 0, change,
        case when handed_over_known_on <= known_on then change else 0 end, 0, 0
    from invoiced
    union all
    select handed_over_known_on, chain_id, receipt_no, 0, 0, 0, 0, change, 0, 0
    from invoiced
    where handed_over_known_on > known_on
    union all
    select known_on, chain_id, receipt_no, 0, 0, applied, 0, 0, stated, 0
    from row_changes
    where order_no is null
    union all
    select known_on, chain_id, unit_no, 0, 0, 0, 0, 0, 0, amount
    from matched.clearings
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and unit_kind = 'goods_receipt'
    union all
    select clearings.known_on, clearings.chain_id, clearings.unit_no, 0, 0, 0, 0, 0, 0,
        clearings.amount
    from matched.clearings
    semi join receipts_in_play
        on
            clearings.chain_id = receipts_in_play.chain_id
            and clearings.unit_no = receipts_in_play.receipt_no
    where clearings.known_on < getvariable('day_from') and clearings.unit_kind = 'goods_receipt'
),

receipt_days as (
    select
        known_on, chain_id, receipt_no,
        cast(sum(received) as decimal(18, 2)) as received,
        cast(sum(returned) as decimal(18, 2)) as returned,
        cast(sum(applied) as decimal(18, 2)) as applied,
        cast(sum(invoiced) as decimal(18, 2)) as invoiced,
        cast(sum(handed_over) as decimal(18, 2)) as handed_over,
        cast(sum(stated) as decimal(18, 2)) as stated,
        cast(sum(paid) as decimal(18, 2)) as paid
    from on_receipts
    group by known_on, chain_id, receipt_no
),

order_changes as (
    select known_on, chain_id, order_no, amount
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select
        later.known_on, later.chain_id, later.order_no, -max_by(earlier.amount, earlier.known_on)
    from staged.orders as earlier
    inner join (
        select known_on, chain_id, order_no
        from staged.orders
        where
            known_on between getvariable('day_from') and getvariable('day_until')
            and (select min(known_on) from staged.orders) < getvariable('day_until')
    ) as later
        on
            earlier.chain_id = later.chain_id
            and earlier.order_no = later.order_no
            and earlier.known_on < later.known_on
    where earlier.known_on < getvariable('day_until')
    group by later.known_on, later.chain_id, later.order_no
),

delivery_changes as (
    select known_on, chain_id, order_no, amount
    from matched.resolved_deliveries as deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select known_on, chain_id, replaced.order_no, -replaced.amount
    from (
        select
            later.known_on, later.chain_id, later.delivery_no,
            max_by(
                {'order_no': earlier.order_no, 'amount': earlier.amount}, earlier.known_on
            ) as replaced
        from matched.resolved_deliveries as earlier
        inner join (
            select known_on, chain_id, delivery_no
            from matched.resolved_deliveries as deliveries
            where
                known_on between getvariable('day_from') and getvariable('day_until')
                and (select min(known_on) from matched.resolved_deliveries) < getvariable('day_until')
        ) as later
            on
                earlier.chain_id = later.chain_id
                and earlier.delivery_no = later.delivery_no
                and earlier.known_on < later.known_on
        where earlier.known_on < getvariable('day_until')
        group by later.known_on, later.chain_id, later.delivery_no
    )
),

-- a row that names another order than its receipt stands on goes where the receipt goes
misnamed as (
    select
        greatest(row_changes.known_on, placements.known_on) as known_on, row_changes.chain_id,
        row_changes.order_no as named_no, placements.order_no,
        placements.placed * row_changes.applied as applied,
        placements.placed * row_changes.stated as stated
    from row_changes
    inner join placements
        on
            row_changes.chain_id = placements.chain_id
            and row_changes.receipt_no = placements.receipt_no
    where row_changes.order_no <> placements.order_no
),

-- the sum of a receipt's placements is 1 on its order and 0 on all others, so what changed before
-- and after a move adds up; `papers` says that there is news even if no amount changed
moves as materialized (
    select
        known_on, chain_id, order_no, amount as ordered, 0 as delivered, 0 as received,
        0 as returned, 0 as applied, 0 as invoiced, 0 as handed_over, 0 as stated, 0 as paid,
        1 as papers
    from order_changes
    union all
    select known_on, chain_id, order_no, 0, amount, 0, 0, 0, 0, 0, 0, 0, 1
    from delivery_changes
    where order_no is not null
    union all
    select
        greatest(receipt_days.known_on, placements.known_on), receipt_days.chain_id,
        placements.order_no, 0, 0,
        case when placed > 0 then received else -received end,
        case when placed > 0 then returned else -returned end,
        case when placed > 0 then applied else -applied end,
        case when placed > 0 then invoiced else -invoiced end,
        case when placed > 0 then handed_over else -handed_over end,
        case when placed > 0 then stated else -stated end,
        case when placed > 0 then paid else -paid end,
        placed
    from receipt_days
    inner join placements
        on
            receipt_days.chain_id = placements.chain_id
            and receipt_days.receipt_no = placements.receipt_no
    union all
    select known_on, chain_id, order_no, 0, 0, 0, 0, applied, 0, 0, stated, 0, 0
    from row_changes
    where order_no is not null
    union all
    select known_on, chain_id, order_no, 0, 0, 0, 0, applied, 0, 0, stated, 0, 0
    from misnamed
    union all
    select known_on, chain_id, named_no, 0, 0, 0, 0, -applied, 0, 0, -stated, 0, 0
    from misnamed
),

sums as (
    select
        known_on, chain_id, order_no,
        cast(sum(ordered) as decimal(18, 2)) as ordered,
        cast(sum(delivered) as decimal(18, 2)) as delivered,
        cast(sum(received) as decimal(18, 2)) as received,
        cast(sum(returned) as decimal(18, 2)) as returned,
        cast(sum(applied) as decimal(18, 2)) as applied,
        cast(sum(invoiced) as decimal(18, 2)) as invoiced,
        cast(sum(handed_over) as decimal(18, 2)) as handed_over,
        cast(sum(stated) as decimal(18, 2)) as stated,
        cast(sum(paid) as decimal(18, 2)) as paid,
        sum(papers) as papers
    from moves
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, order_no
),

final as (
    select * exclude (papers)
    from sums
    where
        papers <> 0 or ordered <> 0 or delivered <> 0 or received <> 0 or returned <> 0
        or applied <> 0 or invoiced <> 0 or handed_over <> 0 or stated <> 0 or paid <> 0
)

select * from final
