-- Views of the canonical papers, one per kind: `paper_on` is the day of the paper, by which it
-- becomes known (papers from before the first load are all known on the day of that load), `place`
-- its place among the papers of that day; the other columns are the canonical fields.

create or replace temp view paper_customers as
select
    getvariable('go_live') as paper_on, chain_no * 1000 + store_no as place,
    customer_id, customer_name, level,
    case when store_no > 0 then chain_id || '-HO' end as head_office_id,
    chain_id, region, 'chain' as channel, tax_id, nature,
    case when store_no = 0 then 400 end as store_count,
    cast(case when store_no = 0 then 800000 else 2000 end as decimal(18, 4)) as area_sqm,
    cast(case when store_no = 0 then 500000000 end as decimal(18, 2)) as registered_capital,
    manager, replace(manager, '经理', 'manager') || '@example.com' as manager_email,
    date '2018-01-01' + cast(store_no as integer) as opened_on
from parties;

create or replace temp view paper_customer_aliases as
select
    getvariable('go_live') as paper_on, chain_no * 10000 + store_no * 2 as place,
    chain_id, 'store_code' as alias_kind, store_code as alias, customer_id
from parties
union all
select
    getvariable('go_live'), chain_no * 10000 + store_no * 2 + 1,
    chain_id, 'bank_account', bank_account, customer_id
from parties
where is_debtor;

create or replace temp view paper_settlement_agreements as
select
    getvariable('go_live') as paper_on, chain_no as place,
    'HT-' || chain_id || '-2025' as agreement_id, chain_id, pattern, term_kind, term_days,
    pay_days, 5 as grace_days, date '2025-01-01' as valid_from
from chains;

create or replace temp view paper_deduction_agreements as
select
    getvariable('go_live') as paper_on, chain_no * 10 as place,
    'KK-' || chain_id || '-FL' as agreement_id, chain_id, 'FL' as fee_code, '返利' as fee_name,
    'percent_of_net_purchases' as basis, cast(2 as decimal(18, 4)) as rate_or_amount,
    'cash_deducted' as kind, date '2025-01-01' as valid_from
from chains
union all
select
    getvariable('go_live'), chain_no * 10 + 1,
    'KK-' || chain_id || '-CL', chain_id, 'CL', '堆头费', 'fixed_per_month',
    cast(200 as decimal(18, 4)), 'cash_deducted', date '2025-01-01'
from chains
where chain_no <> 2;

create or replace temp view paper_credit_approvals as
select
    getvariable('go_live') as paper_on, chain_no * 1000 + store_no as place,
    'SX-' || customer_id as approval_id, customer_id,
    cast(
        getvariable('orders')
        * case when chain_no > 2 then 60 when store_no = 0 then 0 else 0.12 end
        as decimal(18, 2)
    ) as approved_limit,
    60 as term_days, date '2025-08-01' as approved_on, '王总' as approver
from parties
where is_debtor;

create or replace temp view paper_products as
select
    getvariable('go_live') as paper_on, article_no as place,
    sku, barcode, product_name, category, tax_rate,
    cast(unit_price * 0.7 as decimal(18, 4)) as unit_cost
from articles;

create or replace temp view paper_orders as
select
    order_date as paper_on, number as place,
    chain_id, store_code, order_no, order_date, order_date + 3 as deliver_by, 'open' as status,
    1 as line_no, sku, quantity, unit_price, tax_rate, ordered_amount as amount
from orders;

create or replace temp view paper_deliveries as
select
    delivery_date as paper_on, number as place,
    delivery_no, chain_id, store_code, order_no, delivery_date,
    1 as line_no, sku, quantity, unit_price, tax_rate, ordered_amount as amount
from orders;

create or replace temp view paper_goods_receipts as
select
    receipt_date as paper_on, number as place,
    chain_id, store_code, receipt_no, 'receipt' as receipt_kind, order_no, delivery_no,
    receipt_date, 1 as line_no, sku, received_quantity as quantity, unit_price, tax_rate,
    received_amount as amount
from orders
where receipt_date is not null;

create or replace temp view paper_invoice_applications as
select
    issued_on as paper_on, number as place,
    'KP' || strftime(issued_on, '%Y%m%d') || chain_id
    || lpad(cast(store_no % 20 as varchar), 2, '0') as application_no,
    issued_on - 1 as applied_on, buyer_name, chain_id, store_code, order_no, delivery_no,
    delivery_date, case when receipt_date is not null then receipt_no end as receipt_no,
    billed_amount as amount, invoice_no
from orders
where issued_on is not null;

create or replace temp view paper_invoices as
select
    issued_on as paper_on, number as place,
    invoice_no, buyer_tax_id, buyer_name, issued_on,
    cast(round(billed_amount / (1 + tax_rate), 2) as decimal(18, 2)) as amount_excl_tax,
    cast(
        billed_amount - cast(round(billed_amount / (1 + tax_rate), 2) as decimal(18, 2))
        as decimal(18, 2)
    ) as tax,
    billed_amount as amount, 'normal' as status
from orders
where issued_on is not null;

create or replace temp view paper_invoice_lines as
select
    issued_on as paper_on, number as place,
    invoice_no, 1 as line_no, sku, billed_quantity as quantity,
    cast(round(unit_price / (1 + tax_rate), 4) as decimal(18, 4)) as unit_price_excl_tax, tax_rate,
    cast(round(billed_amount / (1 + tax_rate), 2) as decimal(18, 2)) as amount_excl_tax,
    cast(
        billed_amount - cast(round(billed_amount / (1 + tax_rate), 2) as decimal(18, 2))
        as decimal(18, 2)
    ) as tax
from orders
where issued_on is not null;

create or replace temp view paper_invoice_handovers as
select
    handed_over_on + 1 as paper_on, number as place,
    invoice_no, handed_over_on, handed_over_on + 1 as confirmed_on, '收票组' as received_by
from orders
where handed_over_on is not null;

create or replace temp view paper_statements as
select
    stated_on as paper_on, chain_no * 100000000000 + party_no * 10000000 + line_no as place,
    chain_id, statement_no, lpad(cast(party_no as varchar), 4, '0') as party_code,
    period_start, period_end, paid_on as planned_pay_on, line_no, line_kind, store_code, order_no,
    receipt_no, document_date, fee_code, fee_name, deduction_kind, amount
from statement_rows;

create or replace temp view paper_bank_receipts as
with net as (
    select
        chain_no, party_no, statement_no, paid_on, is_paid_short,
        sum(amount) as amount
    from statement_rows
    where paid_on is not null
    group by all
)

select
    paid_on as paper_on, net.chain_no * 1000 + net.party_no as place,
    '31050161' as account_no,
    'G' || strftime(paid_on, '%Y%m%d') || net.chain_no
    || substr(net.statement_no, 3, 7) || right(net.statement_no, 4) as transaction_no,
    paid_on as received_on,
    cast(
        case when is_paid_short then round(net.amount * 0.98, 2) else net.amount end
        as decimal(18, 2)
    ) as amount,
    parties.customer_name as payer_name, parties.bank_account as payer_account,
    '货款 ' || net.statement_no as memo
from net
inner join parties on net.chain_no = parties.chain_no and net.party_no = parties.store_no
where net.amount > 0;
