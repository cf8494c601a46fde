-- One row per order (chain_id, order_no) and day on which what the agreements say of it changed.
-- The agreement valid on the delivery date decides (the earliest delivery of the order; without
-- delivery note the earliest receipt; before that the order date, provisionally). Orders that only
-- another paper names are settled as well. An order is not split by category: with goods of several
-- categories it follows the terms without category, and what that passes over is said.

with changed_terms as (
    select distinct chain_id, known_on
    from staged.store_terms
    where known_on <= getvariable('day_until')
),

-- an order that only a statement or an application names is settled by that paper's date
all_papers as not materialized (
    select
        known_on, chain_id, order_no, 1 as strength, delivery_date as basis_on, store_id,
        file_id, sheet, row_no
    from matched.resolved_deliveries as deliveries
    where known_on <= getvariable('day_until') and order_no is not null
    union all
    select known_on, chain_id, order_no, 2, receipt_date, store_id, file_id, sheet, row_no
    from matched.resolved_receipts as receipts
    where known_on <= getvariable('day_until') and order_no is not null and not is_return
    union all
    select known_on, chain_id, order_no, 3, order_date, store_id, file_id, sheet, row_no
    from staged.orders
    where known_on <= getvariable('day_until')
    union all
    select
        known_on, chain_id, order_no, 4, coalesce(document_date, period_end, known_on), store_id,
        file_id, sheet, row_no
    from staged.statement_lines
    where known_on <= getvariable('day_until') and order_no is not null and store_id is not null
    union all
    select known_on, chain_id, order_no, 5, applied_on, store_id, file_id, sheet, row_no
    from staged.invoice_applications
    where known_on <= getvariable('day_until') and order_no is not null and store_id is not null
),

category_stores as (
    select distinct chain_id, store_id from staged.store_terms where category is not null
),

-- only where a store has terms by category does it matter what an order consists of: its lines, as
-- soon as their article is known
lines as materialized (
    select
        greatest(lines.known_on, products.known_on) as known_on, lines.chain_id, lines.order_no,
        products.category, lines.amount
    from received.orders as lines
    inner join (
        select sku, min(known_on) as known_on, min_by(coalesce(category, ''), known_on) as category
        from staged.products
        group by sku
    ) as products on lines.sku = products.sku
    where
        lines.is_standing
        and lines.known_on <= getvariable('day_until')
        and products.known_on <= getvariable('day_until')
        and products.category <> ''
        and (lines.chain_id, lines.order_no) in (
            select (orders.chain_id, orders.order_no)
            from all_papers as orders
            semi join category_stores using (chain_id, store_id)
        )
),

first_days_of_papers as (
    select min(known_on) as known_on from matched.resolved_deliveries
    union all
    select min(known_on) from matched.resolved_receipts
    union all
    select min(known_on) from staged.orders
    union all
    select min(known_on) from staged.statement_lines
    union all
    select min(known_on) from staged.invoice_applications
),

-- orders with papers of the window, or under terms of it; on a first load none has earlier papers
touched as (
    select chain_id, order_no
    from all_papers
    where
        known_on >= getvariable('day_from')
        and (select min(known_on) from first_days_of_papers) < getvariable('day_from')
    union all
    select chain_id, order_no
    from all_papers
    semi join (
        select chain_id from changed_terms where known_on >= getvariable('day_from')
    ) as terms using (chain_id)
    where known_on < getvariable('day_from')
    union all
    select chain_id, order_no
    from lines
    where known_on >= getvariable('day_from')
),

papers as materialized (
    select * from all_papers where known_on >= getvariable('day_from')
    union all
    select all_papers.*
    from all_papers
    semi join touched using (chain_id, order_no)
    where known_on < getvariable('day_from')
),

deliveries as not materialized (
    select chain_id, order_no, known_on from papers where strength = 1
),

-- beside a delivery note that is known, nothing else counts
telling as materialized (
    select * from papers where strength = 1
    union all
    select papers.*
    from papers
    anti join deliveries
        on
            papers.chain_id = deliveries.chain_id
            and papers.order_no = deliveries.order_no
            and papers.known_on >= deliveries.known_on
    where papers.strength > 1
),

single_papers as (
    select chain_id, order_no from telling group by chain_id, order_no having count(*) = 1
),

-- nearly always one paper tells all, and the terms have not changed since
singles as (
    select
        known_on, chain_id, order_no,
        {
            'strength': strength, 'basis_on': basis_on, 'store_id': store_id,
            'file_id': file_id, 'sheet': sheet, 'row_no': row_no
        } as best
    from telling
    semi join single_papers using (chain_id, order_no)
    anti join lines using (chain_id, order_no)
    anti join changed_terms
        on
            telling.chain_id = changed_terms.chain_id
            and telling.known_on < changed_terms.known_on
),

-- the strongest paper of each day; of equal ones the earliest date, then the smaller store id
daily as (
    select
        known_on, chain_id, order_no,
        min(
            {
                'strength': strength, 'basis_on': basis_on, 'store_id': store_id,
                'file_id': file_id, 'sheet': sheet, 'row_no': row_no
            }
        ) as best
    from telling
    anti join singles using (chain_id, order_no)
    group by known_on, chain_id, order_no
),

first_days as (
    select chain_id, order_no, min(known_on) as first_known_on from daily group by all
),

-- a change of the chain's terms can settle an order anew
days as (
    select known_on, chain_id, order_no, best from daily
    union all
    select changed_terms.known_on, first_days.chain_id, first_days.order_no, null
    from first_days
    inner join changed_terms
        on
            first_days.chain_id = changed_terms.chain_id
            and first_days.first_known_on < changed_terms.known_on
    union all
    select lines.known_on, lines.chain_id, lines.order_no, null
    from first_days
    inner join lines
        on
            first_days.chain_id = lines.chain_id
            and first_days.order_no = lines.order_no
            and first_days.first_known_on < lines.known_on
),

bases as (
    select
        known_on, chain_id, order_no,
        min(best) over (partition by chain_id, order_no order by known_on) as best
    from days
),

daily_bases as (
    select known_on, chain_id, order_no, best, true as is_single from singles
    union all
    select known_on, chain_id, order_no, any_value(best), false
    from bases
    group by known_on, chain_id, order_no
),

store_terms as (
    select * from staged.steps.store_term_versions
),

order_categories as (
    select
        bases.known_on, bases.chain_id, bases.order_no, lines.category, sum(lines.amount) as amount
    from daily_bases as bases
    inner join lines
        on
            bases.chain_id = lines.chain_id
            and bases.order_no = lines.order_no
            and bases.known_on >= lines.known_on
    group by bases.known_on, bases.chain_id, bases.order_no, lines.category
),

consisting as (
    select
        known_on, chain_id, order_no,
        case when count(*) = 1 then min(category) end as category,
        case when count(*) > 1 then list(category) end as categories,
        string_agg(category || ' ' || amount, ', ' order by category) as parts
    from order_categories
    group by known_on, chain_id, order_no
),

store_categories as (
    select chain_id, store_id, known_from, known_until, category
    from store_terms
    where category is not null
    group by all
),

-- an order of several categories, at least one of which has terms of its own
mixed as (
    select distinct bases.known_on, bases.chain_id, bases.order_no
    from daily_bases as bases
    inner join consisting using (known_on, chain_id, order_no)
    inner join store_categories
        on
            bases.chain_id = store_categories.chain_id
            and bases.best.store_id = store_categories.store_id
            and bases.known_on >= store_categories.known_from
            and bases.known_on < store_categories.known_until
    where list_contains(consisting.categories, store_categories.category)
),

-- the store's terms for the order's category, else those for every other category (null)
candidates as (
    select
        bases.known_on, bases.chain_id, bases.order_no, bases.best, bases.is_single,
        terms.agreement_id, terms.pattern, terms.debtor_id, terms.order_account_id,
        terms.is_inferred, terms.rivals,
        terms.term_kind, terms.term_days, terms.batch_lag, terms.pay_days, terms.statement_days,
        terms.grace_days,
        case when mixed.order_no is not null then consisting.parts end as mixed_parts
    from daily_bases as bases
    left join consisting using (known_on, chain_id, order_no)
    left join mixed using (known_on, chain_id, order_no)
    left join store_categories
        on
            bases.chain_id = store_categories.chain_id
            and bases.best.store_id = store_categories.store_id
            and consisting.category = store_categories.category
            and bases.known_on >= store_categories.known_from
            and bases.known_on < store_categories.known_until
    left join store_terms as terms
        on
            bases.chain_id = terms.chain_id
            and bases.best.store_id = terms.store_id
            and store_categories.category is not distinct from terms.category
            and bases.known_on >= terms.known_from
            and bases.known_on < terms.known_until
            and bases.best.basis_on between terms.valid_from and terms.valid_to
),

resolved as (
    select
        known_on, chain_id, order_no, is_single,
        coalesce(pattern, 'branch_branch') as pattern,
        best.store_id as ship_to_id,
        coalesce(order_account_id, best.store_id) as order_account_id,
        coalesce(debtor_id, best.store_id) as debtor_id,
        agreement_id,
        coalesce(is_inferred, true) as is_inferred,
        term_kind, term_days, batch_lag, pay_days, statement_days, grace_days,
        best.basis_on as basis_on,
        case best.strength
            when 1 then 'delivered on '
            when 2 then 'no delivery note; received on '
            when 3 then 'not delivered yet; ordered on '
            else 'named only by a statement or an application of '
        end || cast(best.basis_on as varchar)
        || case
            when agreement_id is not null then '; agreement ' || agreement_id
            when rivals is not null then '; of several agreements only what all of them say'
            when pattern is not null
                then '; no agreement is valid then, inferred from the store''s place in its chain'
            else '; the store is unknown, so it stands for itself'
        end as evidence,
        nullif(
            concat_ws(
                '; ',
                case when rivals is not null then 'equally specific agreements: ' || rivals end,
                case
                    when mixed_parts is not null
                        then 'goods of several categories (' || mixed_parts
                            || ') follow the terms without category'
                end
            ),
            ''
        ) as conflict,
        best.file_id as file_id, best.sheet as sheet, best.row_no as row_no
    from candidates
),

changes as (
    select
        *,
        lag(
            {
                'pattern': pattern, 'ship_to_id': ship_to_id, 'debtor_id': debtor_id,
                'agreement_id': agreement_id, 'basis_on': basis_on, 'conflict': conflict,
                'term_kind': term_kind, 'term_days': term_days, 'batch_lag': batch_lag,
                'pay_days': pay_days, 'statement_days': statement_days
            }
        ) over (partition by chain_id, order_no order by known_on) as before
    from resolved
    where not is_single
),

final as (
    select * exclude (is_single)
    from resolved
    where is_single and known_on >= getvariable('day_from')
    union all
    select * exclude (before, is_single)
    from changes
    where
        known_on >= getvariable('day_from')
        and {
            'pattern': pattern, 'ship_to_id': ship_to_id, 'debtor_id': debtor_id,
            'agreement_id': agreement_id, 'basis_on': basis_on, 'conflict': conflict,
            'term_kind': term_kind, 'term_days': term_days, 'batch_lag': batch_lag,
            'pay_days': pay_days, 'statement_days': statement_days
        } is distinct from before
)

select * from final
