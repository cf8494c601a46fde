-- One row per statement deduction line (chain_id, statement_no, line_no) and day its statement
-- became known: what was taken and what an agreement supports. Amounts are positive when taken.
-- Of several agreements for the fee the store's comes before the debtor's and the chain's, then
-- the later start, then the smaller id.

with lines as (
    select *
    from staged.statement_lines
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and line_kind = 'deduction'
),

statements as (
    select *
    from staged.statements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

agreements as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by agreement_id order by known_on
        ) as known_until
    from staged.deduction_agreements
    where known_on <= getvariable('day_until')
),

store_goods as (
    select known_on, chain_id, statement_no, store_id, sum(amount) as goods_amount
    from staged.statement_lines
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and line_kind in ('receipt', 'return')
    group by known_on, chain_id, statement_no, store_id
),

debtors as (
    select *
    from settled.statement_debtors
    where known_on between getvariable('day_from') and getvariable('day_until')
),

taken as (
    select
        lines.known_on, lines.chain_id, lines.statement_no, lines.line_no,
        coalesce(lines.store_id, debtors.party_id, debtors.debtor_id) as store_id,
        debtors.debtor_id,
        coalesce(statements.period_end, lines.document_date, lines.known_on) as stated_on,
        lines.fee_code, lines.fee_name, lines.deduction_kind,
        cast(-lines.amount as decimal(18, 2)) as amount,
        case
            when lines.store_id is not null then coalesce(store_goods.goods_amount, 0)
            else statements.goods_amount
        end as goods_amount,
        lines.file_id, lines.sheet, lines.row_no
    from lines
    inner join statements using (known_on, chain_id, statement_no)
    inner join debtors using (known_on, chain_id, statement_no)
    left join store_goods
        on
            lines.known_on = store_goods.known_on
            and lines.chain_id = store_goods.chain_id
            and lines.statement_no = store_goods.statement_no
            and lines.store_id = store_goods.store_id
),

agreed as (
    select
        taken.known_on, taken.chain_id, taken.statement_no, taken.line_no,
        agreements.agreement_id, agreements.kind as agreed_kind, agreements.basis,
        agreements.rate_or_amount, agreements.cap
    from taken
    inner join agreements
        on
            taken.chain_id = agreements.chain_id
            and taken.fee_code = agreements.fee_code
            and taken.known_on >= agreements.known_on
            and taken.known_on < agreements.known_until
            and taken.stated_on >= agreements.valid_from
            and taken.stated_on <= coalesce(agreements.valid_to, date '9999-12-31')
            and (
                agreements.customer_id is null
                or agreements.customer_id in (taken.store_id, taken.debtor_id)
            )
            and (
                taken.deduction_kind is null or taken.deduction_kind = agreements.kind
            )
    qualify row_number() over (
        partition by taken.known_on, taken.chain_id, taken.statement_no,
            taken.line_no
        order by
            case
                when agreements.customer_id = taken.store_id then 1
                when agreements.customer_id is not null then 2
                else 3
            end,
            agreements.valid_from desc, agreements.agreement_id
    ) = 1
),

supported as (
    select
        taken.*,
        agreed.agreement_id, agreed.agreed_kind, agreed.basis, agreed.rate_or_amount, agreed.cap,
        case when agreed.agreement_id is not null then least(
            case agreed.basis
                when 'percent_of_net_purchases'
                    then greatest(
                        round(
                            cast(agreed.rate_or_amount as decimal(18, 4))
                            * taken.goods_amount / 100,
                            2
                        ),
                        0
                    )
                when 'per_unit' then coalesce(agreed.cap, 0)
                else agreed.rate_or_amount
            end,
            coalesce(agreed.cap, 9999999999999)
        ) end as allowed
    from taken
    left join agreed using (known_on, chain_id, statement_no, line_no)
),

judged as (
    select
        *,
        cast(
            case
                when amount <= 0 then amount
                else least(amount, coalesce(allowed, 0))
            end as decimal(18, 2)
        ) as supported_amount
    from supported
),

final as (
    select
        known_on, chain_id, debtor_id,
        store_id,
        statement_no, line_no, stated_on, fee_code, fee_name,
        coalesce(deduction_kind, agreed_kind, 'cash_deducted') as deduction_kind,
        amount, agreement_id, supported_amount,
        cast(amount - supported_amount as decimal(18, 2)) as disputed_amount,
        case
            when amount <= 0 then 'supported'
            when agreement_id is null then 'unsupported'
            when supported_amount < amount then 'above_agreement'
            else 'supported'
        end as verdict,
        case
            when amount <= 0 then 'a deduction given back'
            when agreement_id is null
                then 'no agreement for fee ' || coalesce(fee_code, '?') || ' on '
                || cast(stated_on as varchar)
            else 'agreement ' || agreement_id || ' allows '
                || cast(cast(allowed as decimal(18, 2)) as varchar)
        end as evidence,
        file_id, sheet, row_no
    from judged
)

select * from final
