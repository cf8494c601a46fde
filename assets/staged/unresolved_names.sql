-- One row per name or code that means no known customer (chain_id, alias_kind, alias), kind of paper
-- and day on which papers under it came or went: how many papers and how much money. A version of a
-- paper holds until the next one, so sums up to a day say what is unresolved on that day. Names of
-- buyers and payers belong to chain `unknown`.

with orders as not materialized (
    select
        'order' as paper_kind, chain_id as paper_chain_id, order_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, store_code as alias, amount
    from staged.orders
    where known_on <= getvariable('day_until') and starts_with(store_id, 'unknown:')
),

deliveries as not materialized (
    select
        'delivery' as paper_kind, chain_id as paper_chain_id, delivery_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, store_code as alias, amount
    from staged.deliveries
    where known_on <= getvariable('day_until') and starts_with(store_id, 'unknown:')
),

goods_receipts as not materialized (
    select
        'goods_receipt' as paper_kind, chain_id as paper_chain_id, receipt_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, store_code as alias, amount
    from staged.goods_receipts
    where known_on <= getvariable('day_until') and starts_with(store_id, 'unknown:')
),

invoice_applications as not materialized (
    select
        'invoice_application' as paper_kind, '' as paper_chain_id, application_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, store_code as alias, sum(amount) as amount
    from staged.invoice_applications
    where known_on <= getvariable('day_until') and starts_with(store_id, 'unknown:')
    group by all
),

statement_lines as not materialized (
    select
        'statement' as paper_kind, chain_id as paper_chain_id, statement_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, store_code as alias, sum(amount) as amount
    from staged.statement_lines
    where known_on <= getvariable('day_until') and starts_with(store_id, 'unknown:')
    group by all
),

remittance_advices as not materialized (
    select
        'remittance_advice' as paper_kind, chain_id as paper_chain_id, advice_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, store_code as alias, sum(amount) as amount
    from staged.remittance_advices
    where known_on <= getvariable('day_until') and starts_with(store_id, 'unknown:')
    group by all
),

statements as not materialized (
    select
        'statement_party' as paper_kind, chain_id as paper_chain_id, statement_no as paper_no,
        known_on, chain_id, 'store_code' as alias_kind, party_code as alias, amount
    from staged.statements
    where
        known_on <= getvariable('day_until') and party_id is null and party_code is not null
),

invoices as not materialized (
    select
        'invoice' as paper_kind, '' as paper_chain_id, invoice_no as paper_no, known_on,
        'unknown' as chain_id, 'name' as alias_kind, buyer_name as alias, amount
    from staged.invoices
    where known_on <= getvariable('day_until') and buyer_id is null
),

bank_receipts as not materialized (
    select
        'bank_receipt' as paper_kind, account_no as paper_chain_id, transaction_no as paper_no,
        known_on, 'unknown' as chain_id, 'name' as alias_kind, payer_name as alias, amount
    from staged.bank_receipts
    where known_on <= getvariable('day_until') and payer_id is null and amount > 0
),

unresolved as (
    select * from orders
    union all
    select * from deliveries
    union all
    select * from goods_receipts
    union all
    select * from invoice_applications
    union all
    select * from statement_lines
    union all
    select * from remittance_advices
    union all
    select * from statements
    union all
    select * from invoices
    union all
    select * from bank_receipts
),

-- every version of the papers that have one under such a name
versions as (
    select
        'order' as paper_kind, papers.chain_id as paper_chain_id,
        papers.order_no as paper_no, papers.known_on
    from staged.orders as papers
    semi join (
        select distinct paper_chain_id as chain_id, paper_no as order_no from orders
    ) as wanted using (chain_id, order_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select 'delivery', papers.chain_id, papers.delivery_no, papers.known_on
    from staged.deliveries as papers
    semi join (
        select distinct paper_chain_id as chain_id, paper_no as delivery_no from deliveries
    ) as wanted using (chain_id, delivery_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select 'goods_receipt', papers.chain_id, papers.receipt_no, papers.known_on
    from staged.goods_receipts as papers
    semi join (
        select distinct paper_chain_id as chain_id, paper_no as receipt_no from goods_receipts
    ) as wanted using (chain_id, receipt_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select distinct 'invoice_application', '', papers.application_no, papers.known_on
    from staged.invoice_applications as papers
    semi join (
        select distinct paper_no as application_no from invoice_applications
    ) as wanted using (application_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select distinct 'statement', papers.chain_id, papers.statement_no, papers.known_on
    from staged.statement_lines as papers
    semi join (
        select distinct paper_chain_id as chain_id, paper_no as statement_no from statement_lines
    ) as wanted using (chain_id, statement_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select distinct 'remittance_advice', papers.chain_id, papers.advice_no, papers.known_on
    from staged.remittance_advices as papers
    semi join (
        select distinct paper_chain_id as chain_id, paper_no as advice_no from remittance_advices
    ) as wanted using (chain_id, advice_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select 'statement_party', papers.chain_id, papers.statement_no, papers.known_on
    from staged.statements as papers
    semi join (
        select distinct paper_chain_id as chain_id, paper_no as statement_no from statements
    ) as wanted using (chain_id, statement_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select 'invoice', '', papers.invoice_no, papers.known_on
    from staged.invoices as papers
    semi join (
        select distinct paper_no as invoice_no from invoices
    ) as wanted using (invoice_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select 'bank_receipt', papers.account_no, papers.transaction_no, papers.known_on
    from staged.bank_receipts as papers
    semi join (
        select distinct paper_chain_id as account_no, paper_no as transaction_no from bank_receipts
    ) as wanted using (account_no, transaction_no)
    where papers.known_on <= getvariable('day_until')
),

holding as (
    select
        paper_kind, paper_chain_id, paper_no, known_on,
        lead(known_on) over (
            partition by paper_kind, paper_chain_id, paper_no order by known_on
        ) as known_until
    from versions
),

spells as (
    select unresolved.*, holding.known_until
    from unresolved
    inner join holding using (paper_kind, paper_chain_id, paper_no, known_on)
    where unresolved.alias is not null
),

events as (
    select known_on, chain_id, alias_kind, alias, paper_kind, 1 as papers, amount from spells
    union all
    select known_until, chain_id, alias_kind, alias, paper_kind, -1, -amount
    from spells
    where known_until is not null
),

final as (
    select
        known_on, chain_id, alias_kind, alias, paper_kind,
        cast(sum(papers) as integer) as papers, cast(sum(amount) as decimal(18, 2)) as amount
    from events
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, alias_kind, alias, paper_kind
    having sum(papers) <> 0 or sum(amount) <> 0
)

select * from final
