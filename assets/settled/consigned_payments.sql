-- One row per bank receipt and unit (transaction_no, unit_kind, unit_no) and day on which what the
-- payment may take changed because it pays for goods on consignment, of which only what is reported as
-- sold is owed; `amount` is the change. Deductions that it would take beyond the rest of its goods are
-- given back, the last one first; what was taken for a return beyond what is reported of it stands as
-- an adjustment.

with consigned as (
    select chain_id, receipt_no, min(known_on) as known_on
    from settled.receivables
    where known_on <= getvariable('day_until') and term_kind = 'consignment'
    group by chain_id, receipt_no
),

touched as (
    select account_no, transaction_no
    from matched.clearings
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select account_no, transaction_no
    from settled.goods_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
),

concerned as (
    select
        clearings.chain_id, clearings.account_no, clearings.transaction_no,
        min(consigned.known_on) as starts_on
    from matched.clearings
    semi join touched using (account_no, transaction_no)
    inner join consigned
        on
            clearings.chain_id = consigned.chain_id
            and clearings.unit_no = consigned.receipt_no
    where clearings.known_on <= getvariable('day_until') and clearings.unit_kind = 'goods_receipt'
    group by clearings.chain_id, clearings.account_no, clearings.transaction_no
),

moves as (
    select
        clearings.chain_id, clearings.account_no, clearings.transaction_no, clearings.unit_kind,
        clearings.unit_no, clearings.known_on, clearings.amount as cleared,
        case when clearings.unit_kind = 'goods_receipt' then 0 else clearings.amount end as applied
    from matched.clearings
    semi join concerned using (chain_id, account_no, transaction_no)
    where clearings.known_on <= getvariable('day_until')
    union all
    select
        goods.chain_id, goods.account_no, goods.transaction_no, 'goods_receipt', goods.receipt_no,
        goods.known_on, 0, goods.amount
    from settled.goods_applications as goods
    semi join concerned using (chain_id, account_no, transaction_no)
    where goods.known_on <= getvariable('day_until')
),

days as (
    select distinct moves.chain_id, moves.account_no, moves.transaction_no, moves.known_on
    from moves
    inner join concerned using (chain_id, account_no, transaction_no)
    where moves.known_on >= concerned.starts_on
),

-- what is cleared and applied of each unit by the end of each day; a return counts as cleared
standing as (
    select
        days.chain_id, days.account_no, days.transaction_no, days.known_on, moves.unit_kind,
        moves.unit_no, sum(moves.applied) as applied,
        case when sum(moves.cleared) < 0 then sum(moves.cleared) else sum(moves.applied) end as taken
    from days
    inner join moves
        on
            days.chain_id = moves.chain_id
            and days.account_no = moves.account_no
            and days.transaction_no = moves.transaction_no
            and days.known_on >= moves.known_on
    group by all
),

netted as (
    select
        *,
        sum(taken) over (
            partition by chain_id, account_no, transaction_no, known_on
        ) as net,
        coalesce(
            sum(-least(taken, 0)) over (
                partition by chain_id, account_no, transaction_no, known_on
                order by
                    unit_kind not in ('deduction', 'adjustment'), unit_kind desc, unit_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as taken_before
    from standing
),

received as (
    select account_no, transaction_no, min_by(amount, known_on) as amount
    from staged.bank_receipts
    semi join concerned using (account_no, transaction_no)
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

-- money that went back takes what it stands against
corrected as (
    select
        netted.chain_id, netted.account_no, netted.transaction_no, netted.known_on,
        case when netted.unit_kind = 'goods_receipt' then 'adjustment' else netted.unit_kind end
            as unit_kind,
        case
            when netted.unit_kind = 'goods_receipt'
                then netted.transaction_no || '#' || netted.unit_no
            else netted.unit_no
        end as unit_no,
        case when netted.unit_kind = 'goods_receipt' then netted.unit_no end as receipt_no,
        netted.taken - netted.applied
        + greatest(least(-netted.taken, -netted.net - netted.taken_before), 0) as amount
    from netted
    semi join (select account_no, transaction_no from received where amount > 0) as brought
        using (account_no, transaction_no)
),

changes as (
    select
        * exclude (amount),
        amount - coalesce(
            lag(amount) over (
                partition by chain_id, account_no, transaction_no, unit_kind, unit_no
                order by known_on
            ),
            0
        ) as amount
    from corrected
),

told as (
    select
        account_no, transaction_no, min(received_on) as received_on, min(rule) as rule,
        min(file_id) as file_id, min(sheet) as sheet, min(row_no) as row_no
    from matched.clearings
    semi join concerned using (account_no, transaction_no)
    where known_on <= getvariable('day_until')
    group by account_no, transaction_no
),

debtors as (
    select
        chain_id, receipt_no, min_by(debtor_id, known_on) as debtor_id,
        min_by(store_id, known_on) as store_id
    from settled.receivables
    semi join corrected using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

final as (
    select
        changes.known_on, told.received_on, changes.account_no, changes.transaction_no,
        changes.chain_id, changes.unit_kind, changes.unit_no,
        cast(changes.amount as decimal(18, 2)) as amount, debtors.debtor_id, debtors.store_id,
        told.rule, 'only what is reported as sold is paid of goods on consignment' as evidence,
        told.file_id, told.sheet, told.row_no
    from changes
    inner join told using (account_no, transaction_no)
    left join debtors
        on changes.chain_id = debtors.chain_id and changes.receipt_no = debtors.receipt_no
    where
        changes.amount <> 0
        and changes.known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
