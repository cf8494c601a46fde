-- One row per order and article (chain_id, order_no, sku) and day on which the order changed while
-- invoices billed less than was accepted: what the receipts and the invoices that bill them say of
-- the article that day. Compared where some receipt is billed in part, its invoices bill receipts of
-- this order alone, none of them was reversed, and every line names its article: by its number or
-- barcode, on an invoice also by its name. A discount line goes with its article. Amounts and prices
-- with tax.

with differences as (
    select known_on, chain_id, order_no
    from matched.step_differences
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and step = 'invoice'
        and difference < 0
),

receipts as (
    select receipts.*
    from matched.steps.differing_receipts as receipts
    semi join differences using (known_on, chain_id, order_no)
),

-- what an invoice explains of each receipt on the day
billed as (
    select
        receipts.known_on, receipts.chain_id, receipts.order_no, receipts.receipt_no,
        goods.invoice_no, receipts.amount as accepted, receipts.is_return,
        receipts.lines_known_on, sum(goods.change) as amount,
        count(ends.invoice_no) filter (goods.amount = 0) > 0 as is_ended
    from receipts
    inner join matched.invoiced_goods as goods
        on
            receipts.chain_id = goods.chain_id
            and receipts.receipt_no = goods.receipt_no
            and receipts.known_on >= goods.known_on
    left join matched.invoice_ends as ends
        on goods.invoice_no = ends.invoice_no and goods.known_on = ends.known_on
    group by all
),

billed_receipts as (
    select
        known_on, chain_id, order_no, receipt_no, lines_known_on, accepted as amount,
        sum(amount) as billed, bool_or(is_ended or is_return) as is_reversed
    from billed
    group by known_on, chain_id, order_no, receipt_no, lines_known_on, accepted
    having sum(amount) <> 0 or bool_or(is_ended)
),

in_question as (
    select
        known_on, chain_id, order_no, sum(amount) as accepted, sum(billed) as billed
    from billed_receipts
    group by known_on, chain_id, order_no
    having
        not bool_or(is_reversed)
        and bool_or(billed > 0 and billed < amount)
        and bool_and(billed <= amount)
),

bills as (
    select distinct billed.known_on, billed.chain_id, billed.order_no, billed.invoice_no
    from billed
    semi join in_question using (known_on, chain_id, order_no)
    where billed.amount <> 0
),

-- invoices that bill receipts of other orders as well
shared as (
    select distinct bills.known_on, bills.chain_id, bills.order_no
    from bills
    inner join matched.invoiced_goods as goods
        on
            bills.chain_id = goods.chain_id
            and bills.invoice_no = goods.invoice_no
            and bills.known_on >= goods.known_on
    anti join billed
        on
            bills.known_on = billed.known_on
            and bills.chain_id = billed.chain_id
            and bills.order_no = billed.order_no
            and bills.invoice_no = billed.invoice_no
            and goods.receipt_no = billed.receipt_no
),

products as (
    select
        sku, barcode, product_name, tax_rate, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by sku order by known_on)
            as known_until
    from staged.products
    where known_on <= getvariable('day_until')
),

line_versions as (
    select
        bills.known_on, bills.chain_id, bills.order_no, bills.invoice_no,
        max(lines.known_on) as lines_known_on
    from bills
    anti join shared using (known_on, chain_id, order_no)
    inner join staged.invoice_lines as lines
        on bills.invoice_no = lines.invoice_no and bills.known_on >= lines.known_on
    group by all
),

-- of an invoice without lines nothing is known
without_lines as (
    select bills.known_on, bills.chain_id, bills.order_no
    from bills
    anti join line_versions using (known_on, chain_id, order_no, invoice_no)
),

sent as (
    select
        receipts.known_on, receipts.chain_id, receipts.order_no, true as is_earlier,
        lines.sku as said, cast(null as varchar) as name_said,
        lines.quantity, lines.unit_price, lines.amount, lines.tax_rate
    from billed_receipts as receipts
    semi join in_question using (known_on, chain_id, order_no)
    anti join without_lines using (known_on, chain_id, order_no)
    inner join received.goods_receipts as lines
        on
            receipts.chain_id = lines.chain_id
            and receipts.receipt_no = lines.receipt_no
            and receipts.lines_known_on = lines.known_on
            and lines.is_standing
    where receipts.billed <> 0
    union all
    select
        versions.known_on, versions.chain_id, versions.order_no, false,
        lines.sku, name_key(regexp_replace(lines.description, '^\*[^*]*\*', '')),
        lines.quantity, null, lines.amount_excl_tax + lines.tax, lines.tax_rate
    from line_versions as versions
    anti join without_lines using (known_on, chain_id, order_no)
    inner join staged.invoice_lines as lines
        on
            versions.invoice_no = lines.invoice_no
            and versions.lines_known_on = lines.known_on
),

names as (
    select said.known_on, said.said, said.name_said, min(products.sku) as sku
    from (select distinct known_on, said, name_said from sent) as said
    inner join (
        select *, barcode as spelling, 'number' as kind from products
        union all
        select *, sku, 'number' from products
        union all
        select *, name_key(product_name), 'name' from products
    ) as products
        on
            case when said.said is null then said.name_said else said.said end = products.spelling
            and case when said.said is null then 'name' else 'number' end = products.kind
            and said.known_on >= products.known_on
            and said.known_on < products.known_until
    group by said.known_on, said.said, said.name_said
    having count(distinct products.sku) = 1
),

articles as (
    select
        sent.known_on, sent.chain_id, sent.order_no, sent.is_earlier,
        coalesce(names.sku, sent.said) as sku,
        sum(sent.quantity) as quantity, sum(sent.amount) as amount,
        max(coalesce(sent.tax_rate, products.tax_rate)) as tax_rate,
        case when min(sent.unit_price) = max(sent.unit_price) then min(sent.unit_price) end
            as unit_price
    from sent
    left join names
        on
            sent.known_on = names.known_on
            and sent.said is not distinct from names.said
            and sent.name_said is not distinct from names.name_said
    left join products
        on
            names.sku = products.sku
            and sent.known_on >= products.known_on
            and sent.known_on < products.known_until
    group by all
),

-- the lines of both sides name all of it
comparable as (
    select articles.known_on, articles.chain_id, articles.order_no
    from articles
    inner join in_question using (known_on, chain_id, order_no)
    group by articles.known_on, articles.chain_id, articles.order_no
    having
        bool_and(articles.sku is not null and articles.quantity is not null)
        and sum(articles.amount) filter (articles.is_earlier) = max(in_question.accepted)
        and sum(articles.amount) filter (not articles.is_earlier) = max(in_question.billed)
),

final as (
    select
        known_on, chain_id, order_no, sku,
        cast(max(quantity) filter (is_earlier) as decimal(18, 4)) as earlier_quantity,
        max(unit_price) filter (is_earlier) as earlier_price,
        max(tax_rate) filter (is_earlier) as earlier_rate,
        cast(max(amount) filter (is_earlier) as decimal(18, 2)) as earlier_amount,
        cast(max(quantity) filter (not is_earlier) as decimal(18, 4)) as later_quantity,
        max(unit_price) filter (not is_earlier) as later_price,
        max(tax_rate) filter (not is_earlier) as later_rate,
        cast(max(amount) filter (not is_earlier) as decimal(18, 2)) as later_amount
    from articles
    semi join comparable using (known_on, chain_id, order_no)
    group by known_on, chain_id, order_no, sku
)

select * from final
