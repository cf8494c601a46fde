-- One row per number that a paper names (chain_id, paper_kind, paper_no, names_kind, named_no) and
-- that other papers outvote, and the first day on which they do; and a further one, `is_withdrawn`,
-- for the first day after it on which they do so no more. Three numbers join a goods receipt, its
-- delivery note or row of an application, and the two orders that they name. Where two of them join
-- papers of one store and amount and the third does not, the third is wrong, though a paper bears
-- it. A day's verdict is on the latest versions of the papers known that day.

with disagreements as (
    select distinct
        chain_id, receipt_no, order_no, paper_kind, paper_no, paper_order_no,
        number_key(paper_order_no) as paper_order_key
    from matched.disagreements
    where known_on <= getvariable('day_until')
),

all_orders as not materialized (
    select known_on, chain_id, no as order_no, number_key, store_id, amount
    from matched.paper_numbers
    where known_on <= getvariable('day_until') and kind = 'order'
),

with_order as (
    select distinct disagreements.*
    from all_orders as orders
    inner join disagreements
        on
            orders.chain_id = disagreements.chain_id and orders.order_no = disagreements.order_no
),

-- the other order may be misspelled
votes as materialized (
    select distinct
        with_order.* exclude (paper_order_key), orders.order_no as other_order_no
    from all_orders as orders
    inner join with_order
        on
            orders.chain_id = with_order.chain_id
            and orders.number_key = with_order.paper_order_key
            and orders.order_no <> with_order.order_no
),

orders as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, order_no order by known_on
        ) as known_until
    from all_orders
    semi join (
        select chain_id, order_no from votes
        union
        select chain_id, other_order_no from votes
    ) as wanted using (chain_id, order_no)
),

receipts as (
    select
        known_on, chain_id, receipt_no, order_no, delivery_no, store_id, receipt_date, amount,
        is_return, file_id, sheet, row_no,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from staged.goods_receipts
    semi join votes using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

-- a note that the receipt names, or a row that names the receipt
paper_versions as (
    select
        papers.known_on, papers.chain_id, 'delivery' as paper_kind,
        papers.delivery_no as paper_no, papers.order_no as paper_order_no,
        cast(null as varchar) as paper_delivery_no, cast(null as varchar) as names_receipt_no,
        papers.store_id as paper_store_id, papers.delivery_date as paper_on,
        papers.amount as paper_amount, papers.file_id as paper_file_id,
        papers.sheet as paper_sheet, papers.row_no as paper_row_no
    from staged.deliveries as papers
    semi join (
        select chain_id, paper_no as delivery_no from votes where paper_kind = 'delivery'
    ) as wanted using (chain_id, delivery_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select
        papers.known_on, papers.chain_id, 'application',
        papers.application_no || '#' || papers.line_no, papers.order_no, papers.delivery_no,
        papers.receipt_no, papers.store_id, coalesce(papers.delivery_date, papers.applied_on),
        papers.amount, papers.file_id, papers.sheet, papers.row_no
    from staged.invoice_applications as papers
    semi join (
        select chain_id, regexp_replace(paper_no, '#\d+$', '') as application_no
        from votes
        where paper_kind = 'application'
    ) as wanted using (chain_id, application_no)
    where papers.known_on <= getvariable('day_until')
),

papers as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no order by known_on
        ) as known_until
    from paper_versions
),

-- the days on which one of the four papers of a vote has a new version
days as (
    select votes.*, receipts.known_on
    from votes
    inner join receipts using (chain_id, receipt_no)
    union
    select votes.*, papers.known_on
    from votes
    inner join papers using (chain_id, paper_kind, paper_no)
    union
    select votes.*, orders.known_on
    from votes
    inner join orders using (chain_id, order_no)
    union
    select votes.*, orders.known_on
    from votes
    inner join orders
        on votes.chain_id = orders.chain_id and votes.other_order_no = orders.order_no
),

stretches as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no, order_no, paper_kind, paper_no, paper_order_no,
                other_order_no
            order by known_on
        ) as known_until
    from days
),

with_versions as (
    select
        stretches.*,
        receipts.store_id, receipts.receipt_date, receipts.amount, receipts.delivery_no,
        receipts.file_id, receipts.sheet, receipts.row_no,
        papers.* exclude (
            known_on, known_until, chain_id, paper_kind, paper_no, paper_order_no,
            names_receipt_no
        ),
        ours.store_id as order_store_id, ours.amount as order_amount,
        stretches.other_order_no = stretches.paper_order_no as is_exact,
        theirs.store_id as paper_order_store_id, theirs.amount as paper_order_amount
    from stretches
    inner join receipts
        on
            stretches.chain_id = receipts.chain_id
            and stretches.receipt_no = receipts.receipt_no
            and stretches.order_no = receipts.order_no
            and stretches.known_on >= receipts.known_on
            and stretches.known_on < receipts.known_until
    inner join papers
        on
            stretches.chain_id = papers.chain_id
            and stretches.paper_kind = papers.paper_kind
            and stretches.paper_no = papers.paper_no
            and stretches.paper_order_no = papers.paper_order_no
            and stretches.known_on >= papers.known_on
            and stretches.known_on < papers.known_until
    inner join orders as ours
        on
            stretches.chain_id = ours.chain_id
            and stretches.order_no = ours.order_no
            and stretches.known_on >= ours.known_on
            and stretches.known_on < ours.known_until
    inner join orders as theirs
        on
            stretches.chain_id = theirs.chain_id
            and stretches.other_order_no = theirs.order_no
            and stretches.known_on >= theirs.known_on
            and stretches.known_on < theirs.known_until
    where
        not receipts.is_return
        and case
            when stretches.paper_kind = 'delivery' then receipts.delivery_no = papers.paper_no
            else papers.names_receipt_no = receipts.receipt_no
        end
),

compared as (
    select
        *,
        store_id is not distinct from paper_store_id
        and abs(amount - paper_amount) * 100
        <= abs(paper_amount) * getvariable('policy').matching.near_amount_percent as fits_paper,
        store_id is not distinct from order_store_id
        and abs(amount - order_amount) * 100
        <= abs(order_amount) * getvariable('policy').matching.near_amount_percent as fits_order,
        paper_store_id is not distinct from paper_order_store_id
        and abs(paper_amount - paper_order_amount) * 100
        <= abs(paper_order_amount) * getvariable('policy').matching.near_amount_percent
            as paper_fits_order
    from with_versions
),

found as (
    select
        known_on, known_until, chain_id, 'goods_receipt' as paper_kind, receipt_no as paper_no,
        'order' as names_kind, order_no as named_no, store_id, receipt_date as document_on, amount,
        cast(null as varchar) as other_order_no, delivery_no as other_delivery_no,
        file_id, sheet, row_no
    from compared
    where fits_paper and paper_fits_order and not fits_order
    union all
    select
        known_on, known_until, chain_id, 'goods_receipt', receipt_no, 'delivery', paper_no, store_id,
        receipt_date, amount, order_no, null, file_id, sheet, row_no
    from compared
    where paper_kind = 'delivery' and fits_order and paper_fits_order and not fits_paper
    union all
    select
        known_on, known_until, chain_id, 'application', paper_no, 'goods_receipt', receipt_no, paper_store_id,
        paper_on, paper_amount, paper_order_no, paper_delivery_no, paper_file_id, paper_sheet,
        paper_row_no
    from compared
    where paper_kind = 'application' and fits_order and paper_fits_order and not fits_paper
    union all
    select
        known_on, known_until, chain_id, 'delivery', paper_no, 'order', paper_order_no, paper_store_id,
        paper_on, paper_amount, null, null, paper_file_id, paper_sheet, paper_row_no
    from compared
    where
        paper_kind = 'delivery' and is_exact
        and fits_paper and fits_order and not paper_fits_order
),

firsts as (
    select *
    from found
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no
        order by
            known_on, document_on, amount, store_id, other_order_no, other_delivery_no, file_id,
            row_no
    ) = 1
),

-- the first day that no vote against the number covers
covered as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no, known_on, known_until,
        max(known_until) over (
            partition by chain_id, paper_kind, paper_no, names_kind, named_no
            order by known_on, known_until
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from found
),

ends as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no,
        coalesce(min(covered_until) filter (covered_until < known_on), max(known_until))
            as withdrawn_on
    from covered
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

final as (
    select * exclude (known_until), false as is_withdrawn
    from firsts
    where known_on >= getvariable('day_from')
    union all by name
    select
        firsts.* exclude (known_until) replace (ends.withdrawn_on as known_on),
        true as is_withdrawn
    from firsts
    inner join ends using (chain_id, paper_kind, paper_no, names_kind, named_no)
    where ends.withdrawn_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
