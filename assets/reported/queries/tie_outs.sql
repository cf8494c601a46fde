-- One row per pair of figures that must be equal on the day, in the order of `place`.

with aging as (
    select * from aged.aging where as_of = $as_of
),

open_items as (
    select * from settled.open_items where as_of = $as_of
),

ledger as (
    select * from settled.ledger where known_on <= $as_of and effective_on <= $as_of
),

bridge as (
    select * from aged.bridge where as_of = $as_of
),

bank_versions as (
    select * from staged.bank_receipts where known_on <= $as_of and received_on <= $as_of
),

bank_receipts as (
    select *
    from bank_versions
    -- the first version of a bank receipt counts; there is at most one per day
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

cash_applications as (
    select *
    from settled.cash_applications
    where known_on <= $as_of and effective_on <= $as_of
),

unapplied_cash as (
    select * from settled.unapplied_cash where as_of = $as_of
),

files as (
    select * from received.files where known_on = $as_of
),

trial as (
    select * from settled.trial where as_of <= $as_of
),

month_openings as (
    select max_by(closing, as_of) as amount
    from trial
    where as_of < date_trunc('month', $as_of::date)
    group by debtor_id, chain_id
),

month_entries as (
    select
        opened + charged - credited + transferred - cash - deductions - write_offs as amount
    from trial
    where as_of >= date_trunc('month', $as_of::date)
),

by_debtor as (
    select debtor_id, sum(amount) as balance
    from aging
    where basis = 'overdue'
    group by all
),

items_by_debtor as (
    select debtor_id, sum(balance) as balance from open_items group by all
),

by_store as (
    select store_id, sum(amount) as balance
    from aging
    where basis = 'overdue'
    group by all
),

items_by_store as (
    select store_id, sum(balance) as balance from open_items group by all
),

agreeing_debtors as (
    select count(*) as agreeing
    from items_by_debtor
    join by_debtor
        on items_by_debtor.debtor_id is not distinct from by_debtor.debtor_id
        and items_by_debtor.balance = by_debtor.balance
),

agreeing_stores as (
    select count(*) as agreeing
    from items_by_store
    join by_store
        on items_by_store.store_id is not distinct from by_store.store_id
        and items_by_store.balance = by_store.balance
),

pairs as (
    select
        1 as place,
        'aging_by_due_date' as pair,
        (select sum(amount) from aging where basis = 'overdue') as left_figure,
        (select sum(balance) from open_items) as right_figure
    union all
    select
        2,
        'aging_by_document',
        (select sum(amount) from aging where basis = 'document'),
        (select sum(balance) from open_items)
    union all
    select
        3,
        'open_items_and_ledger',
        (select sum(balance) from open_items),
        (select sum(amount) from ledger)
    union all
    select
        4,
        'debtors_that_agree',
        (select agreeing from agreeing_debtors),
        (select count(*) from items_by_debtor)
    union all
    select
        5,
        'stores_that_agree',
        (select agreeing from agreeing_stores),
        (select count(*) from items_by_store)
    union all
    select
        6,
        'cash',
        (select sum(amount) from bank_receipts),
        coalesce((select sum(amount) from cash_applications), 0)
        + coalesce((select sum(amount) from unapplied_cash), 0)
    union all
    select
        7,
        'bridge',
        (select sum(amount) from bridge where cause <> 'closing'),
        (select sum(amount) from bridge where cause = 'closing')
    union all
    select
        8,
        'trial',
        coalesce((select sum(amount) from month_openings), 0)
        + coalesce((select sum(amount) from month_entries), 0),
        (select sum(balance) from open_items)
    union all
    select
        9,
        'rows_received',
        (select sum(rows_in) from files),
        (select sum(rows_staged + rows_duplicate + rows_rejected) from files)
    union all
    select
        10,
        'amounts_received',
        (select sum(amount_in) from files),
        (select sum(amount_staged + amount_duplicate + amount_rejected) from files)
)

select
    pair,
    cast(coalesce(left_figure, 0) as decimal(18, 2)) as left_figure,
    cast(coalesce(right_figure, 0) as decimal(18, 2)) as right_figure
from pairs
order by place
