-- One row per bank receipt, item, debtor and store (transaction_no, item_id, part) and day on which
-- what the payment applies to the item changed; `amount` is the change. Deductions netted by a
-- payment are negative, so the rows of a payment sum to the cash that found its place. What a payment
-- gives back under a line stands on the item of the line, in a part of its own.

with applications as (
    select
        known_on, effective_on, account_no, transaction_no, chain_id,
        case when invoice_no is null then 'uninvoiced' else 'invoice' end as part,
        case
            when invoice_no is null then 'uninvoiced' when is_red then 'red_invoice' else 'invoice'
        end as item_kind,
        receipt_no, invoice_no, cast(null as varchar) as unit_no,
        coalesce(invoice_no, receipt_no) as document_no, document_on, order_no,
        debtor_id, store_id, amount, rule, evidence, file_id, sheet, row_no
    from settled.goods_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select
        known_on, effective_on, account_no, transaction_no, chain_id,
        case when unit_kind = 'invoice' then 'rest' else unit_kind end, item_kind,
        null, case when unit_kind = 'invoice' then unit_no end,
        case when unit_kind <> 'invoice' then unit_no end,
        document_no, document_on, null, debtor_id, store_id, amount, rule, evidence,
        file_id, sheet, row_no
    from settled.other_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
),

final as (
    select
        * replace (cast(amount as decimal(18, 2)) as amount),
        case part
            when 'uninvoiced' then substr(md5('uninvoiced|' || chain_id || '|' || receipt_no), 1, 16)
            when 'invoice'
                then substr(
                    md5('invoice|' || invoice_no || '|' || chain_id || '|' || receipt_no), 1, 16
                )
            when 'rest' then substr(md5('invoice|' || invoice_no), 1, 16)
            when 'opening_item' then unit_no
            when 'given_back' then substr(md5('deduction|' || chain_id || '|' || unit_no), 1, 16)
            else substr(md5(part || '|' || chain_id || '|' || unit_no), 1, 16)
        end as item_id
    from applications
)

select * from final
