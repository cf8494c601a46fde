-- One row per bank receipt and unit that it claims to clear (transaction_no, unit_kind, unit_no,
-- budget_no) and day on which the claim can be met; `amount` is signed: returns and deductions
-- are negative. Negative claims are taken in full; positive ones by document date, then number,
-- until the budget of the paper, and then the payment itself, is used up. Of several payments that
-- name a paper, a later one begins where the earlier ones end.

with payment_references as not materialized (
    select * from matched.payment_references where known_on <= getvariable('day_until')
),

-- the receipts that numbers on statements were found to mean
understood as (
    select
        chain_id, paper_no, named_no, min(known_on) as known_on,
        min_by(resolved_no, known_on) as resolved_no
    from matched.resolutions
    where
        known_on <= getvariable('day_until')
        and paper_kind = 'statement'
        and resolved_no is not null
    group by chain_id, paper_no, named_no
),

-- payments whose papers became known in the window, or that waited for a receipt of the window or
-- for what a number means
touched as (
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
),

-- papers that are paid in parts, with all who pay them: what a later one pays follows from the
-- earlier ones
shared_papers as (
    select chain_id, base_kind, base_no
    from payment_references
    semi join (
        select papers.chain_id, papers.base_kind, papers.base_no
        from payment_references as papers
        semi join touched using (account_no, transaction_no)
    ) as named using (chain_id, base_kind, base_no)
    group by chain_id, base_kind, base_no
    having count(*) > 1
),

bases as (
    select payment_references.*
    from payment_references
    semi join (
        select account_no, transaction_no from touched
        union
        select account_no, transaction_no
        from payment_references
        semi join shared_papers using (chain_id, base_kind, base_no)
    ) as looked_at using (account_no, transaction_no)
),

statement_days as (
    select
        chain_id, statement_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, statement_no order by known_on
        ) as known_until
    from (
        select chain_id, statement_no, known_on from staged.statements
        union
        select chain_id, statement_no, known_on
        from matched.resolved_statement_lines
        where known_on > came_on
    )
    where known_on <= getvariable('day_until')
),

-- of several payments that name a statement the first takes its returns and deductions
first_payers as (
    select
        chain_id, base_no,
        min({
            'known_on': known_on, 'transaction_no': transaction_no, 'account_no': account_no
        }) as first_payer
    from payment_references
    semi join (
        select chain_id, base_no from bases where base_kind = 'statement'
    ) as named using (chain_id, base_no)
    where base_kind = 'statement'
    group by chain_id, base_no
),

-- the version of the statement that was known when the payment could be placed stays the basis
from_statements as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, bases.base_kind, bases.base_no,
        case
            when lines.line_kind in ('receipt', 'return') and lines.receipt_no is not null
                then 'goods_receipt'
            when lines.line_kind = 'deduction' then 'deduction'
            else 'adjustment'
        end as unit_kind,
        case
            when lines.line_kind in ('receipt', 'return') and lines.receipt_no is not null
                then lines.receipt_no
            else lines.statement_no || '#' || cast(lines.line_no as varchar)
        end as unit_no,
        lines.document_date as document_on,
        lines.amount, lines.chain_id, bases.known_on as base_known_on,
        case
            when
                lines.line_kind in ('receipt', 'return') and lines.amount > 0
                and lines.receipt_no = lines.receipt_no_as_sent
                then lines.statement_no || '#' || cast(lines.line_no as varchar)
        end as waiting_line
    from bases
    inner join statement_days
        on
            bases.chain_id = statement_days.chain_id
            and bases.base_no = statement_days.statement_no
            and bases.known_on >= statement_days.known_on
            and bases.known_on < statement_days.known_until
    inner join matched.resolved_statement_lines as lines
        on
            statement_days.chain_id = lines.chain_id
            and statement_days.statement_no = lines.statement_no
            and statement_days.known_on = lines.known_on
    inner join first_payers
        on bases.chain_id = first_payers.chain_id and bases.base_no = first_payers.base_no
    where
        bases.base_kind = 'statement'
        and (
            lines.amount > 0
            or bases.transaction_no = first_payers.first_payer.transaction_no
            and bases.account_no = first_payers.first_payer.account_no
        )
        and not (
            lines.line_kind = 'deduction'
            and coalesce(lines.deduction_kind, '') = 'paid_separately'
        )
),

-- goods whose number said nothing when the payment came are what it is found to mean later
from_lines as (
    select
        from_statements.* exclude (chain_id, base_known_on, waiting_line),
        understood.resolved_no as meant_no, understood.known_on as meant_on
    from from_statements
    left join understood
        on
            from_statements.chain_id = understood.chain_id
            and from_statements.waiting_line = understood.paper_no
            and from_statements.unit_no = understood.named_no
            and from_statements.base_known_on < understood.known_on
),

invoice_bases as (
    select * from bases where base_kind = 'invoice'
),

parts as (
    select
        invoice_bases.account_no, invoice_bases.transaction_no, invoice_bases.budget_no,
        invoice_bases.base_no, goods.chain_id, goods.receipt_no, goods.amount
    from invoice_bases
    inner join matched.invoiced_goods as goods
        on invoice_bases.base_no = goods.invoice_no and goods.known_on <= invoice_bases.known_on
    qualify row_number() over (
        partition by
            invoice_bases.account_no, invoice_bases.transaction_no, invoice_bases.budget_no,
            goods.invoice_no, goods.chain_id, goods.receipt_no
        order by goods.known_on desc
    ) = 1
),

receipt_dates as (
    select
        receipts.chain_id, receipts.receipt_no,
        min(receipts.known_on) as first_known_on,
        min_by(receipts.receipt_date, receipts.known_on) as receipt_date
    from staged.goods_receipts as receipts
    where
        receipts.known_on <= getvariable('day_until')
        and receipts.receipt_no in (
            select receipt_no from parts
            union
            select unit_no from from_lines where unit_kind = 'goods_receipt'
            union
            select meant_no from from_lines
        )
    group by receipts.chain_id, receipts.receipt_no
),

from_parts as (
    select
        parts.account_no, parts.transaction_no, parts.budget_no, 'invoice' as base_kind,
        parts.base_no, 'goods_receipt' as unit_kind, parts.receipt_no as unit_no,
        receipt_dates.receipt_date as document_on, parts.amount
    from parts
    left join receipt_dates
        on
            parts.chain_id = receipt_dates.chain_id
            and parts.receipt_no = receipt_dates.receipt_no
    where parts.amount <> 0
),

-- what no goods explain, with the credit notes that name the invoice
from_rests as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, 'invoice' as base_kind,
        bases.base_no, 'invoice' as unit_kind, bases.base_no as unit_no,
        max_by(rests.issued_on, rests.known_on) as document_on,
        max_by(rests.amount, rests.known_on) as amount
    from invoice_bases as bases
    inner join matched.invoice_rests as rests
        on bases.base_no = rests.invoice_no and rests.known_on <= bases.known_on
    group by bases.account_no, bases.transaction_no, bases.budget_no, bases.base_no
),

from_advice_fees as (
    select
        account_no, transaction_no, budget_no, base_kind, base_no,
        'deduction' as unit_kind, base_no as unit_no, received_on as document_on, budget as amount
    from bases
    where base_kind = 'deduction'
),

from_opening_items as (
    select
        bases.account_no, bases.transaction_no, bases.budget_no, bases.base_kind, bases.base_no,
        'opening_item' as unit_kind, items.item_id as unit_no, items.document_on,
        items.balance as amount
    from bases
    inner join staged.opening_items as items
        on bases.base_no = items.item_id and items.known_on <= bases.known_on
    where bases.base_kind = 'opening_item'
    qualify row_number() over (
        partition by bases.account_no, bases.transaction_no, items.item_id
        order by items.known_on
    ) = 1
),

raised as (
    select * from from_lines
    union all by name
    select * from from_parts
    union all by name
    select * from from_rests
    union all by name
    select * from from_advice_fees
    union all by name
    select * from from_opening_items
),

claims as (
    select
        account_no, transaction_no, budget_no, base_kind, base_no, unit_kind, unit_no, meant_no,
        min(meant_on) as meant_on, min(document_on) as document_on,
        sum(amount) as amount
    from raised
    group by
        account_no, transaction_no, budget_no, base_kind, base_no, unit_kind, unit_no, meant_no
    having sum(amount) <> 0
),

with_bases as (
    select
        claims.account_no, claims.transaction_no, claims.budget_no, claims.base_kind,
        claims.base_no, claims.unit_kind, claims.unit_no, claims.meant_no, claims.meant_on,
        claims.document_on,
        bases.chain_id, bases.known_on as base_known_on, bases.received_on, bases.paid_amount,
        bases.reference_kind, bases.reference_no, bases.rule,
        bases.file_id, bases.sheet, bases.row_no, bases.budget, claims.amount
    from claims
    inner join bases
        on
            claims.account_no = bases.account_no
            and claims.transaction_no = bases.transaction_no
            and claims.budget_no = bases.budget_no
            and claims.base_kind = bases.base_kind
            and claims.base_no = bases.base_no
),

-- nearly always a payment's papers are known together and it covers all that they claim
covering_payments as (
    select account_no, transaction_no
    from (
        select
            account_no, transaction_no, budget_no, sum(amount) as amount,
            min(budget) as budget, min(paid_amount) as paid_amount,
            min(base_known_on) as first_on, max(base_known_on) as last_on
        from with_bases
        group by account_no, transaction_no, budget_no
    )
    group by account_no, transaction_no
    having
        bool_and(amount <= budget)
        and sum(amount) <= min(paid_amount)
        and min(first_on) = max(last_on)
),

within_budget as (
    select
        * exclude (budget, amount),
        case
            when amount < 0 then amount
            else greatest(
                least(
                    amount,
                    budget
                    - sum(least(amount, 0)) over (
                        partition by account_no, transaction_no, budget_no order by base_known_on
                    )
                    - coalesce(
                        sum(greatest(amount, 0)) over (
                            partition by account_no, transaction_no, budget_no
                            order by
                                base_known_on, document_on nulls last, unit_no, unit_kind,
                                meant_no, base_kind, base_no
                            rows between unbounded preceding and 1 preceding
                        ),
                        0
                    )
                ),
                0
            )
        end as amount
    from with_bases
    anti join covering_payments using (account_no, transaction_no)
),

each_alone as (
    select
        * exclude (amount),
        case
            when amount < 0 then amount
            else greatest(
                least(
                    amount,
                    paid_amount
                    - sum(least(amount, 0)) over (
                        partition by account_no, transaction_no order by base_known_on
                    )
                    - coalesce(
                        sum(greatest(amount, 0)) over (
                            partition by account_no, transaction_no
                            order by
                                base_known_on, budget_no, document_on nulls last, unit_no,
                                unit_kind, meant_no, base_kind, base_no
                            rows between unbounded preceding and 1 preceding
                        ),
                        0
                    )
                ),
                0
            )
        end as amount
    from within_budget
    union all
    select * exclude (budget)
    from with_bases
    semi join covering_payments using (account_no, transaction_no)
),

-- what each payment has for a paper, and how much those before it have for the same
parts_of_papers as (
    select
        chain_id, base_kind, base_no, account_no, transaction_no, budget_no, base_known_on,
        coalesce(
            sum(sum(greatest(amount, 0))) over (
                partition by chain_id, base_kind, base_no
                order by base_known_on, transaction_no, account_no, budget_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before_it
    from each_alone
    semi join shared_papers using (chain_id, base_kind, base_no)
    group by
        chain_id, base_kind, base_no, account_no, transaction_no, budget_no, base_known_on
),

-- the money of payments that are not the first, which is laid out anew
later_parts as (
    select account_no, transaction_no, budget_no, base_known_on, sum(greatest(amount, 0)) as money
    from each_alone
    semi join (
        select account_no, transaction_no, budget_no, base_known_on
        from parts_of_papers
        where before_it > 0
    ) as later using (account_no, transaction_no, budget_no, base_known_on)
    anti join covering_payments using (account_no, transaction_no)
    group by account_no, transaction_no, budget_no, base_known_on
),

-- where those before it brought more than the whole paper (one was sent back), they began anew, too
laid_out as (
    select
        with_bases.*, later_parts.money,
        coalesce(parts_of_papers.before_it, 0)
        % sum(with_bases.amount) over (
            partition by
                with_bases.account_no, with_bases.transaction_no, with_bases.budget_no,
                with_bases.base_kind, with_bases.base_no
        ) as paid_before,
        sum(with_bases.amount) over (
            partition by
                with_bases.account_no, with_bases.transaction_no, with_bases.budget_no,
                with_bases.base_kind, with_bases.base_no
            order by
                with_bases.document_on nulls last, with_bases.unit_no, with_bases.unit_kind,
                with_bases.meant_no
            rows between unbounded preceding and current row
        ) as ends
    from with_bases
    inner join later_parts
        on
            with_bases.account_no = later_parts.account_no
            and with_bases.transaction_no = later_parts.transaction_no
            and with_bases.budget_no = later_parts.budget_no
            and with_bases.base_known_on = later_parts.base_known_on
    left join parts_of_papers
        on
            with_bases.account_no = parts_of_papers.account_no
            and with_bases.transaction_no = parts_of_papers.transaction_no
            and with_bases.budget_no = parts_of_papers.budget_no
            and with_bases.chain_id = parts_of_papers.chain_id
            and with_bases.base_kind = parts_of_papers.base_kind
            and with_bases.base_no = parts_of_papers.base_no
    where with_bases.amount > 0
),

-- what nobody before it pays comes first; what is left then waits on the lines paid before, which
-- are open again when an earlier payment goes back
fresh_first as (
    select
        * exclude (amount, money, paid_before, ends, is_paid_before),
        greatest(
            least(
                amount,
                money - coalesce(
                    sum(amount) over (
                        partition by account_no, transaction_no, budget_no, base_known_on
                        order by
                            is_paid_before, document_on nulls last, unit_no, unit_kind, meant_no,
                            base_kind, base_no
                        rows between unbounded preceding and 1 preceding
                    ),
                    0
                )
            ),
            0
        ) as amount
    from (
        select
            * exclude (amount), false as is_paid_before,
            least(amount, greatest(ends - paid_before, 0)) as amount
        from laid_out
        union all by name
        select
            * exclude (amount), true as is_paid_before,
            greatest(amount - greatest(ends - paid_before, 0), 0) as amount
        from laid_out
    )
),

within_payment as (
    select each_alone.*
    from each_alone
    left join later_parts
        on
            each_alone.account_no = later_parts.account_no
            and each_alone.transaction_no = later_parts.transaction_no
            and each_alone.budget_no = later_parts.budget_no
            and each_alone.base_known_on = later_parts.base_known_on
    where each_alone.amount < 0 or later_parts.money is null
    union all by name
    select * exclude (budget, amount), sum(amount) as amount
    from fresh_first
    group by all
),

-- goods that are not known yet are waited for; a return that is not known is no reason to pay
-- less: what was taken for it stands as an adjustment until somebody explains it
dated as (
    select
        within_payment.* exclude (base_known_on, unit_kind, unit_no),
        is_unknown_return,
        case when is_unknown_return then 'adjustment' else unit_kind end as unit_kind,
        case
            when is_unknown_return then reference_no || '#' || unit_no
            else coalesce(meant_no, unit_no)
        end as unit_no,
        case
            when unit_kind = 'goods_receipt' and not is_unknown_return
                then greatest(base_known_on, meant_on, first_known_on)
            else base_known_on
        end as known_on,
        unit_kind = 'goods_receipt' and not is_unknown_return and first_known_on is null
            as is_waiting
    from (
        select
            within_payment.*,
            receipt_dates.first_known_on,
            within_payment.unit_kind = 'goods_receipt'
            and within_payment.amount < 0
            and coalesce(receipt_dates.first_known_on, date '9999-12-31')
            > within_payment.base_known_on as is_unknown_return
        from within_payment
        left join receipt_dates
            on
                within_payment.chain_id = receipt_dates.chain_id
                and case
                    when within_payment.unit_kind = 'goods_receipt'
                        then coalesce(within_payment.meant_no, within_payment.unit_no)
                end = receipt_dates.receipt_no
    ) as within_payment
),

final as (
    select
        known_on, account_no, transaction_no, chain_id, reference_kind, reference_no, budget_no,
        unit_kind, unit_no, cast(amount as decimal(18, 2)) as amount, rule,
        case rule
            when 'advice' then 'the payment names advice ' || reference_no
            when 'statement_no' then 'the payment names statement ' || reference_no
            else 'the payment names invoice ' || reference_no
        end as evidence,
        received_on, file_id, sheet, row_no
    from dated
    semi join touched using (account_no, transaction_no)
    where
        amount <> 0
        and not is_waiting
        and known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
