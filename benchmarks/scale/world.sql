-- Tables of the scaled world before they become papers: chains, parties, orders, statement lines,
-- statements. Sizes come from the variables `orders`, `history_from`, `go_live` and `last_day`.
-- Nothing is random: every choice is `draw`, a number worked out of the order's own number.

create or replace temp macro squared(x) as
    (x % 2147483647) * (x % 2147483647) % 2147483647;
create or replace temp macro draw(number, salt) as
    squared(squared(cast(number as bigint) + salt * 104729 + 12345) + salt * 7919 + number);

create or replace temp table chains as
select *
from (
    values
    (1, 'HL', '惠邻', 'branch_branch', 'monthly', 30, '10;25', 475, 'private'),
    (2, 'BF', '百汇坊', 'branch_branch', 'receipt', 45, '15', 475, 'private'),
    (3, 'WY', '万悦城', 'branch_head', 'monthly', 45, '10;25', 475, 'listed'),
    (4, 'ZC', '臻采汇', 'branch_head', 'invoice', 30, '20', 475, 'foreign'),
    (5, 'JC', '吉仓', 'head_head', 'monthly', 60, '25', 20, 'state')
) as given (
    chain_no, chain_id, chain_name, pattern, term_kind, term_days, pay_days, ship_tos, nature
);

-- one row per customer; head offices are number 0 of their chain
create or replace temp table parties as
select
    chains.chain_no, chains.chain_id, numbers.store_no,
    lpad(cast(numbers.store_no as varchar), 4, '0') as store_code,
    chains.chain_id
    || case when numbers.store_no = 0 then '-HO'
        else '-' || lpad(cast(numbers.store_no as varchar), 4, '0') end as customer_id,
    chains.chain_name || '超市'
    || case
        when numbers.store_no = 0 then '有限公司'
        when chains.chain_no = 5 and numbers.store_no <= chains.ship_tos
            then '第' || numbers.store_no || '物流中心'
        else '有限公司第' || numbers.store_no || '分店'
    end as customer_name,
    case
        when numbers.store_no = 0 then 'head_office'
        when chains.chain_no = 5 and numbers.store_no <= chains.ship_tos then 'dc'
        else 'branch'
    end as level,
    (['华北', '华东', '华南', '西南'])[1 + numbers.store_no % 4] as region,
    '9133' || lpad(cast(chains.chain_no * 100000 + numbers.store_no as varchar), 13, '0') || 'X'
        as tax_id,
    '6222' || lpad(cast(chains.chain_no * 100000 + numbers.store_no as varchar), 15, '0')
        as bank_account,
    '经理' || (1 + (chains.chain_no * 475 + numbers.store_no) % 20) as manager,
    chains.nature,
    -- who settles: the store for itself, or the head office for all
    numbers.store_no = 0 or chains.pattern = 'branch_branch' as is_debtor
from chains
cross join
    (select cast(unnest(generate_series(0, 475)) as integer) as store_no) as numbers
where numbers.store_no <= case when chains.chain_no = 5 then 100 else chains.ship_tos end;

create or replace temp table articles as
select
    'SP' || lpad(cast(number as varchar), 5, '0') as sku,
    '69' || lpad(cast(number * 7919 as varchar), 11, '0') as barcode,
    '商品' || number as product_name,
    (['饮料', '粮油', '日化', '休闲食品', '乳品', '调味品'])[1 + number % 6] as category,
    cast(case when number % 6 = 1 then 0.09 else 0.13 end as decimal(18, 4)) as tax_rate,
    cast(8 + draw(number, 91) % 5200 / 100 as decimal(18, 4)) as unit_price,
    number - 1 as article_no
from (select unnest(generate_series(1, 300)) as number);

-- one row per order with all that becomes of it; a null date is a paper that never came
create or replace temp table orders as
with numbered as (
    select unnest(generate_series(0, getvariable('all_orders') - 1)) as number
),

placed as (
    select
        number,
        getvariable('history_from')
        + cast(number * getvariable('history_days') // getvariable('orders') as integer)
            as order_date,
        1 + draw(number, 1) % 5 as chain_no,
        draw(number, 2) as store_draw,
        draw(number, 3) % 300 as article_no,
        cast(6 + draw(number, 4) % 120 as decimal(18, 4)) as quantity,
        draw(number, 5) % 1000 as receipt_fate, -- 15 missing, 15 short
        draw(number, 6) % 1000 as invoice_fate, -- 10 late, 5 billed as delivered
        draw(number, 7) % 1000 as handover_fate, -- 20 never handed over
        draw(number, 8) % 1000 as statement_fate, -- 20 never on a statement
        draw(number, 9) as pace
    from numbered
),

moved as (
    select
        placed.*,
        chains.chain_id,
        1 + store_draw % chains.ship_tos as store_no,
        order_date + cast(2 + pace % 3 as integer) as delivery_date,
        case
            when receipt_fate >= 15
                then order_date + cast(2 + pace % 3 + (pace // 3) % 3 as integer)
        end as receipt_date,
        case when receipt_fate between 15 and 29 then quantity - 1 - pace % 5 else quantity end
            as received_quantity
    from placed
    inner join chains using (chain_no)
),

-- of the deliveries that nobody accepted every second one is billed all the same
billed as (
    select
        *,
        case
            when receipt_date is not null
                then receipt_date
                + cast(
                    3 + (pace // 9) % 5 + case when invoice_fate < 10 then 40 else 0 end as integer
                )
            when number % 2 = 0 then delivery_date + 12
        end as issued_on,
        case when invoice_fate between 10 and 14 then quantity else received_quantity end
            as billed_quantity
    from moved
)

select
    billed.*,
    articles.sku, articles.unit_price, articles.tax_rate,
    parties.store_code,
    cast(4500000000 + number as varchar) as order_no,
    'XOUT' || lpad(cast(number as varchar), 9, '0') as delivery_no,
    cast(5000000000 + number as varchar) as receipt_no,
    strftime(issued_on, '%y') || '332' || lpad(cast(100000000 + number as varchar), 15, '0')
        as invoice_no,
    cast(round(billed.quantity * unit_price, 2) as decimal(18, 2)) as ordered_amount,
    cast(round(received_quantity * unit_price, 2) as decimal(18, 2)) as received_amount,
    cast(round(billed_quantity * unit_price, 2) as decimal(18, 2)) as billed_amount,
    case when handover_fate >= 20 then issued_on + cast(2 + (pace // 45) % 4 as integer) end
        as handed_over_on,
    buyers.tax_id as buyer_tax_id, buyers.customer_name as buyer_name,
    parties.is_debtor as is_settled_by_store
from billed
inner join parties using (chain_no, store_no)
inner join parties as buyers
    on
        billed.chain_no = buyers.chain_no
        and buyers.store_no = case when parties.is_debtor then billed.store_no else 0 end
inner join articles using (article_no)
order by number;

-- goods per settling party and half month
create or replace temp table statement_goods as
select
    orders.chain_no, orders.chain_id,
    case when is_settled_by_store then store_no else 0 end as party_no,
    cast(date_trunc('month', receipt_date) as date)
    + case when day(receipt_date) <= 15 then 0 else 15 end as period_start,
    orders.number, orders.store_no, orders.store_code, orders.order_no, orders.receipt_no,
    orders.receipt_date,
    -- now and then a chain values the goods a little lower than its own receipt
    case
        when statement_fate between 20 and 22 then received_amount - 1 else received_amount
    end as amount
from orders
where receipt_date is not null and statement_fate >= 20;

create or replace temp table statements as
with parts as (
    select
        chain_no, chain_id, party_no, period_start,
        case
            when day(period_start) = 1 then period_start + 14 else last_day(period_start)
        end as period_end,
        sum(amount) as goods_amount,
        count(*) as goods_count
    from statement_goods
    group by all
),

numbered as (
    select
        *,
        chain_no * 1000000 + party_no * 1000 + datediff('day', date '2025-01-01', period_start)
            as number
    from parts
)

select
    chain_no, chain_id, party_no, period_start, period_end, goods_amount, goods_count, number,
    'DZ' || strftime(period_start, '%Y%m') || case when day(period_start) = 1 then 'A' else 'B' end
    || '-' || lpad(cast(party_no as varchar), 4, '0') as statement_no,
    period_end + cast(3 + draw(number, 21) % 3 as integer) as stated_on,
    -- of a hundred stores three do not pay a statement; head offices always do
    case
        when party_no = 0 or draw(number, 22) % 100 >= 3
            then period_end + cast(30 + draw(number, 23) % 11 as integer)
    end as paid_on,
    draw(number, 24) % 10 = 0 as is_paid_short
from numbered;

create or replace temp table statement_rows as
with fees as (
    select
        statements.chain_no, statements.party_no, statements.period_start,
        2 as turn, 0 as number, cast(null as varchar) as store_code,
        'FL' as fee_code, '返利' as fee_name,
        cast(-round(statements.goods_amount * 0.02, 2) as decimal(18, 2)) as amount
    from statements
    union all
    select distinct
        chain_no, party_no, period_start, 3, store_no, store_code, 'CL', '堆头费',
        cast(case when store_no % 4 = 0 then -260 else -200 end as decimal(18, 2))
    from statement_goods
    where draw(chain_no * 100000 + store_no, 31) % 100 < 8 and amount > 300
),

lines as (
    select
        chain_no, party_no, period_start, 1 as turn, number, 'receipt' as line_kind, store_code,
        order_no, receipt_no, receipt_date as document_date,
        cast(null as varchar) as fee_code, cast(null as varchar) as fee_name,
        cast(null as varchar) as deduction_kind, amount
    from statement_goods
    union all
    select
        chain_no, party_no, period_start, turn, number, 'deduction', store_code, null, null, null,
        fee_code, fee_name, 'cash_deducted', amount
    from fees
)

select
    lines.*, statements.chain_id, statements.statement_no, statements.period_end,
    statements.stated_on, statements.paid_on, statements.is_paid_short,
    row_number() over (
        partition by lines.chain_no, lines.party_no, lines.period_start
        order by lines.turn, lines.number
    ) as line_no
from lines
inner join statements using (chain_no, party_no, period_start);
