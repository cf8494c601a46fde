-- One row per goods receipt and invoice (chain_id, receipt_no, invoice_no) and day on which the
-- amount that the invoice explains of the receipt changed; `amount` holds from then on, 0 is undone.
-- `rule` says by what: an application that names both, else the invoice's remark, else the sum of
-- receipts. A change of the rule alone is no change here.

with applied as not materialized (
    select * from matched.applied_goods where known_on <= getvariable('day_until')
),

other_ways as not materialized (
    select *, 2 as rank from matched.remark_goods where known_on <= getvariable('day_until')
    union all by name
    select *, 3 as rank from matched.summed_goods where known_on <= getvariable('day_until')
),

-- nearly all pairs are only named by applications
several_ways as (
    select distinct chain_id, receipt_no, invoice_no from other_ways
),

ways as (
    select *, 1 as rank
    from applied
    semi join several_ways using (chain_id, receipt_no, invoice_no)
    union all by name
    select * exclude (is_inferred) from other_ways
),

-- of one day, the way that holds speaks for the pair, else the strongest one
days as (
    select
        known_on, chain_id, receipt_no, invoice_no, sum(change) as change,
        min_by(
            {
                'application_no': application_no, 'effective_on': effective_on,
                'issued_on': issued_on, 'is_red': is_red, 'rule': rule, 'evidence': evidence,
                'file_id': file_id, 'sheet': sheet, 'row_no': row_no
            },
            {'is_undone': amount = 0, 'rank': rank}
        ) as told
    from ways
    group by known_on, chain_id, receipt_no, invoice_no
),

held as (
    select
        known_on, chain_id, receipt_no, invoice_no,
        cast(
            sum(change) over (
                partition by chain_id, receipt_no, invoice_no order by known_on
            ) as decimal(18, 2)
        ) as amount,
        cast(change as decimal(18, 2)) as change, told
    from days
),

final as (
    select applied.*
    from applied
    anti join several_ways using (chain_id, receipt_no, invoice_no)
    where applied.known_on >= getvariable('day_from')
    union all by name
    select
        known_on, chain_id, receipt_no, invoice_no, amount, change, told.application_no,
        told.effective_on, told.issued_on, told.is_red, told.rule, told.evidence, told.file_id,
        told.sheet, told.row_no
    from held
    where known_on >= getvariable('day_from') and change <> 0
)

select * from final
