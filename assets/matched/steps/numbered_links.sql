-- One row per pair of papers of which one bears the number of the other (chain_id, from, to, rule) and
-- day on which this came to be known, changed or ended: deliveries and receipts with their orders,
-- receipts with their deliveries, red invoices with those that they reverse. All days up to the
-- window's last on which papers of the window have a part.

-- Nothing came before the first day of a table: the conditions on that day keep a first load from
-- being looked up in itself.
with new_orders as not materialized (
    select chain_id, order_no
    from staged.orders
    where known_on between getvariable('day_from') and getvariable('day_until')
),

new_deliveries as not materialized (
    select chain_id, delivery_no
    from matched.resolved_deliveries as deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
),

-- earlier papers that name a paper of the window, or have a new version in it
earlier_deliveries as (
    select chain_id, delivery_no
    from matched.resolved_deliveries as deliveries
    semi join (
        select *
        from new_orders
        where (select min(known_on) from matched.resolved_deliveries) < getvariable('day_from')
    ) as named using (chain_id, order_no)
    where known_on < getvariable('day_from')
    union
    select chain_id, delivery_no
    from new_deliveries
    where (select min(known_on) from matched.resolved_deliveries) < getvariable('day_from')
),

earlier_receipts as (
    select chain_id, receipt_no
    from matched.resolved_receipts as receipts
    semi join (
        select *
        from new_orders
        where (select min(known_on) from matched.resolved_receipts) < getvariable('day_from')
    ) as named using (chain_id, order_no)
    where known_on < getvariable('day_from')
    union
    select chain_id, receipt_no
    from matched.resolved_receipts as receipts
    semi join (
        select *
        from new_deliveries
        where (select min(known_on) from matched.resolved_receipts) < getvariable('day_from')
    ) as named using (chain_id, delivery_no)
    where known_on < getvariable('day_from')
    union
    select chain_id, receipt_no
    from matched.resolved_receipts as receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (select min(known_on) from matched.resolved_receipts) < getvariable('day_from')
),

earlier_delivery_rows as materialized (
    select
        known_on, chain_id, delivery_no, order_no, order_no_as_sent, amount, file_id, sheet, row_no
    from matched.resolved_deliveries as deliveries
    semi join earlier_deliveries using (chain_id, delivery_no)
    where known_on < getvariable('day_from')
),

deliveries as not materialized (
    select
        known_on, chain_id, delivery_no, order_no, order_no_as_sent, amount, file_id, sheet, row_no
    from matched.resolved_deliveries as deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select * from earlier_delivery_rows
),

earlier_receipt_rows as materialized (
    select
        known_on, chain_id, receipt_no, order_no, order_no_as_sent, delivery_no,
        delivery_no_as_sent, amount, file_id, sheet, row_no
    from matched.resolved_receipts as receipts
    semi join earlier_receipts using (chain_id, receipt_no)
    where known_on < getvariable('day_from')
),

receipts as not materialized (
    select
        known_on, chain_id, receipt_no, order_no, order_no_as_sent, delivery_no,
        delivery_no_as_sent, amount, file_id, sheet, row_no
    from matched.resolved_receipts as receipts
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select * from earlier_receipt_rows
),

new_invoices as (
    select distinct invoice_no
    from staged.invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and exists (select 1 from staged.invoices where is_red)
),

red_invoices as (
    select * from staged.invoices
    where
        known_on <= getvariable('day_until')
        and is_red
        and (
            invoice_no in (select invoice_no from new_invoices)
            or red_of_invoice_no in (select invoice_no from new_invoices)
        )
),

-- what each version of a paper says of another: at most one paper per kind of reference
saying as not materialized (
    select
        known_on, chain_id, 'order' as from_kind, order_no as from_no,
        'delivery' as to_kind, delivery_no as to_no, amount,
        'delivery_names_order' as relation, order_no_as_sent as as_sent, file_id, sheet, row_no
    from deliveries
    union all
    select
        known_on, chain_id, 'order', order_no, 'goods_receipt', receipt_no, amount,
        'receipt_names_order', order_no_as_sent, file_id, sheet, row_no
    from receipts
    union all
    select
        known_on, chain_id, 'delivery', delivery_no, 'goods_receipt', receipt_no, amount,
        'receipt_names_delivery', delivery_no_as_sent, file_id, sheet, row_no
    from receipts
    union all
    select
        known_on, coalesce(chain_id, 'unknown'), 'invoice', red_of_invoice_no, 'red_invoice',
        invoice_no, amount, 'red_invoice_names_invoice', red_of_invoice_no, file_id, sheet, row_no
    from red_invoices
),

answers as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, resolved_no, rule, evidence,
        known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no order by known_on
        ) as known_until
    from matched.resolutions
    where known_on <= getvariable('day_until')
),

inferred as (
    select
        saying.known_on, saying.chain_id, saying.to_kind, saying.to_no, saying.relation,
        answers.rule, answers.evidence
    from saying
    inner join answers
        on
            saying.chain_id = answers.chain_id
            and saying.to_kind = answers.paper_kind
            and saying.to_no = answers.paper_no
            and saying.from_kind = answers.names_kind
            and saying.from_no = answers.resolved_no
            and coalesce(saying.as_sent, '') = answers.named_no
            and saying.known_on >= answers.known_on
            and saying.known_on < answers.known_until
),

-- papers of several versions, a kind at a time; the first version is never the later one
several_versions as (
    select 'delivery' as to_kind, earlier.chain_id, earlier.delivery_no as to_no
    from deliveries as earlier
    semi join (
        select chain_id, delivery_no, known_on
        from deliveries
        where known_on > (select min(known_on) from matched.resolved_deliveries)
    ) as later
        on
            earlier.chain_id = later.chain_id
            and earlier.delivery_no = later.delivery_no
            and earlier.known_on < later.known_on
    union all
    select 'goods_receipt', earlier.chain_id, earlier.receipt_no
    from receipts as earlier
    semi join (
        select chain_id, receipt_no, known_on
        from receipts
        where known_on > (select min(known_on) from matched.resolved_receipts)
    ) as later
        on
            earlier.chain_id = later.chain_id
            and earlier.receipt_no = later.receipt_no
            and earlier.known_on < later.known_on
    union all
    select 'red_invoice', coalesce(chain_id, 'unknown'), invoice_no from red_invoices
),

versions as not materialized (
    select
        saying.*, inferred.rule as inferred_by, inferred.evidence as inferred_evidence,
        cast(null as varchar) as previous_no, cast(null as decimal(18, 2)) as previous_amount,
        cast(null as varchar) as previous_inferred_by,
        date '9999-12-31' as known_until, cast(null as varchar) as next_no,
        cast(null as varchar) as next_inferred_by
    from saying
    anti join several_versions using (to_kind, chain_id, to_no)
    left join inferred using (known_on, chain_id, to_kind, to_no, relation)
    where saying.from_no is not null
    union all
    select
        saying.*, inferred.rule, inferred.evidence,
        lag(saying.from_no) over paper, lag(saying.amount) over paper,
        lag(inferred.rule) over paper,
        lead(known_on, 1, date '9999-12-31') over paper, lead(saying.from_no) over paper,
        lead(inferred.rule) over paper
    from saying
    semi join several_versions using (to_kind, chain_id, to_no)
    left join inferred using (known_on, chain_id, to_kind, to_no, relation)
    window paper as (partition by relation, chain_id, to_no order by known_on)
),

named as not materialized (
    select from_kind, chain_id, from_no from versions where from_no is not null
),

first_known as (
    select 'order' as from_kind, orders.chain_id, orders.order_no as from_no,
        min(orders.known_on) as first_known_on
    from staged.orders
    semi join (select chain_id, from_no as order_no from named where from_kind = 'order') as wanted
        using (chain_id, order_no)
    where orders.known_on <= getvariable('day_until')
    group by orders.chain_id, orders.order_no
    union all
    select 'delivery', deliveries.chain_id, deliveries.delivery_no, min(deliveries.known_on)
    from staged.deliveries
    semi join
        (select chain_id, from_no as delivery_no from named where from_kind = 'delivery') as wanted
        using (chain_id, delivery_no)
    where deliveries.known_on <= getvariable('day_until')
    group by deliveries.chain_id, deliveries.delivery_no
    union all
    select 'invoice', wanted.chain_id, first_invoices.invoice_no, first_invoices.known_on
    from (
        select invoice_no, min(known_on) as known_on
        from staged.invoices
        semi join red_invoices on invoices.invoice_no = red_invoices.red_of_invoice_no
        where invoices.known_on <= getvariable('day_until')
        group by invoice_no
    ) as first_invoices
    inner join (
        select distinct chain_id, from_no from named where from_kind = 'invoice'
    ) as wanted on first_invoices.invoice_no = wanted.from_no
),

held as (
    select
        versions.*,
        greatest(versions.known_on, first_known.first_known_on) as made_on,
        -- an earlier version already said the same, and the named paper was known by then
        versions.previous_no is not distinct from versions.from_no
        and versions.previous_amount is not distinct from versions.amount
        and versions.previous_inferred_by is not distinct from versions.inferred_by
        and first_known.first_known_on < versions.known_on as is_repeated
    from versions
    inner join first_known
        on
            versions.from_kind = first_known.from_kind
            and versions.chain_id = first_known.chain_id
            and versions.from_no = first_known.from_no
    where greatest(versions.known_on, first_known.first_known_on) < versions.known_until
),

made as (
    select
        made_on as known_on, chain_id, from_kind, from_no, to_kind, to_no, amount,
        coalesce(inferred_by, relation) as rule, inferred_by is not null as is_inferred,
        case
            when inferred_by is not null then inferred_evidence
            when relation = 'delivery_names_order'
                then 'the delivery carries the number of the order'
            when relation = 'receipt_names_order'
                then 'the receipt carries the number of the order'
            when relation = 'receipt_names_delivery'
                then 'the receipt carries the number of the delivery'
            else 'the red invoice carries the number of the invoice'
        end as evidence,
        cast(null as date) as undone_on, file_id, sheet, row_no
    from held
    where not is_repeated
),

undone as (
    select
        known_until, chain_id, from_kind, from_no, to_kind, to_no, amount,
        coalesce(inferred_by, relation), inferred_by is not null,
        case
            when inferred_by is not null
                then 'what the number was taken to mean holds no longer'
            else 'a later version of the ' || replace(split_part(relation, '_names_', 1), '_', ' ')
                || ' carries another number'
        end as evidence,
        known_until as undone_on, file_id, sheet, row_no
    from held
    where
        known_until < date '9999-12-31'
        and (
            next_no is distinct from from_no
            or next_inferred_by is distinct from inferred_by
        )
),

final as (
    select * from made
    union all
    select * from undone
)

select * from final
