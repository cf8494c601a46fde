-- One row per payment (account_no, transaction_no) whose claims may change in the window: its papers
-- became known, or it waited for a receipt of the window or for what a number means.
-- Takes `payment_references` and `understood`.

with final as (
    select account_no, transaction_no
    from payment_references
    where known_on >= getvariable('day_from')
    union
    select bases.account_no, bases.transaction_no
    from payment_references as bases
    inner join (
        select chain_id, statement_no, known_on
        from matched.resolved_statement_lines as lines
        semi join (
            select chain_id, receipt_no
            from staged.goods_receipts
            where
                known_on between getvariable('day_from') and getvariable('day_until')
                and (select min(known_on) from matched.payment_references)
                < getvariable('day_from')
        ) as receipts using (chain_id, receipt_no)
        where known_on < getvariable('day_from')
    ) as lines
        on
            bases.chain_id = lines.chain_id
            and bases.base_no = lines.statement_no
            and bases.known_on >= lines.known_on
    where bases.base_kind = 'statement' and bases.known_on < getvariable('day_from')
    union
    select bases.account_no, bases.transaction_no
    from payment_references as bases
    inner join (
        select chain_id, regexp_replace(paper_no, '#\d+$', '') as statement_no
        from understood
        where known_on >= getvariable('day_from')
    ) as lines
        on bases.chain_id = lines.chain_id and bases.base_no = lines.statement_no
    where bases.base_kind = 'statement' and bases.known_on < getvariable('day_from')
)

select * from final
