-- One row per paper that only one can name (chain_id, paper_kind, names_kind, candidate_no), taken
-- to be meant by a reference that does not, and day on which a paper names it by its very number:
-- it is the other paper's, so the inferred reference was wrong.

with candidates as (
    select chain_id, paper_kind, names_kind, candidate_no, min(known_on) as known_on
    from matched.candidates
    where known_on <= getvariable('day_until') and is_exclusive
    group by chain_id, paper_kind, names_kind, candidate_no
),

naming as (
    select
        known_on, chain_id, 'delivery' as paper_kind, 'order' as names_kind,
        order_no as candidate_no
    from staged.deliveries
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select known_on, chain_id, 'goods_receipt', 'order', order_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until') and not is_return
    union all
    select known_on, chain_id, 'goods_receipt', 'delivery', delivery_no
    from staged.goods_receipts
    where known_on between getvariable('day_from') and getvariable('day_until') and not is_return
    union all
    select known_on, chain_id, 'application', 'goods_receipt', receipt_no
    from staged.invoice_applications
    where known_on between getvariable('day_from') and getvariable('day_until')
    union all
    select known_on, chain_id, 'statement', 'goods_receipt', receipt_no
    from staged.statement_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
),

final as (
    select distinct
        naming.known_on, naming.chain_id, naming.paper_kind, naming.names_kind,
        naming.candidate_no
    from naming
    inner join candidates using (chain_id, paper_kind, names_kind, candidate_no)
    where naming.known_on > candidates.known_on
)

select * from final
