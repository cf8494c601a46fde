-- One row per closed day and deduction that is open in dispute (as_of, deduction_id): what the chain
-- took beyond the agreements and has not given back, with the evidence for claiming it, its age and
-- what people decided last. Decisions name the deduction_id.

with items as (
    select
        as_of, item_id as deduction_id, chain_id, debtor_id, store_id, document_no,
        document_on as taken_on, balance as open_amount
    from settled.open_items
    where
        as_of between getvariable('day_from') and getvariable('day_until')
        and item_kind = 'deduction'
),

-- a version that gives back in its place is no verdict on what was taken
verdicts as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id order by known_on
        ) as known_until
    from settled.deductions
    semi join items using (deduction_id)
    where known_on <= getvariable('day_until') and amount > 0
),

-- the last decision on each day that brought one, and what it means from then on
decided as (
    select
        deduction_id, known_on, decision, decided_by, decided_on, note,
        lead(known_on, 1, date '9999-12-31') over (
            partition by deduction_id order by known_on
        ) as known_until
    from settled.deduction_decisions
    semi join items using (deduction_id)
    where known_on <= getvariable('day_until') and result in ('taken', 'unchanged')
    qualify row_number() over (
        partition by deduction_id, known_on order by decided_on desc
    ) = 1
),

joined as (
    select
        items.*, verdicts.* exclude (
            deduction_id, chain_id, debtor_id, store_id, known_on, known_until
        ),
        decided.decision, decided.decided_by, decided.decided_on, decided.note,
        coalesce(verdicts.fee_code || ' ' || verdicts.fee_name, verdicts.fee_code, verdicts.fee_name)
            as fee,
        coalesce(verdicts.statement_no, verdicts.advice_no) as paper_no
    from items
    left join verdicts
        on
            items.deduction_id = verdicts.deduction_id
            and items.as_of >= verdicts.known_on
            and items.as_of < verdicts.known_until
    left join decided
        on
            items.deduction_id = decided.deduction_id
            and items.as_of >= decided.known_on
            and items.as_of < decided.known_until
),

final as (
    select
        as_of, deduction_id, chain_id, debtor_id, store_id, document_no, statement_no, advice_no,
        stated_on, taken_on, as_of - taken_on as days_open, fee_code, fee_name, fee_category,
        deduction_kind, amount, supported_amount, open_amount, agreement_id, rivals, notice_no,
        verdict, evidence, decision, decided_by, decided_on, note,
        if(statement_no is null, 'Remittance advice ', 'Statement ') || paper_no || ' of '
        || cast(stated_on as varchar) || ' took ' || cast(amount as varchar) || ' for fee '
        || coalesce(fee, 'without a name') || '; ' || evidence || '. Please repay '
        || cast(open_amount as varchar) || ' or send the agreement that it stands on.' as claim,
        if(statement_no is null, '付款通知单 ', '结算单 ') || paper_no || '（'
        || cast(stated_on as varchar) || '）扣款 ' || cast(amount as varchar) || ' 元（'
        || coalesce(fee, '未注明费用') || '），'
        || case
            when agreement_id is null then '双方没有相应的协议'
            else '协议 ' || agreement_id || ' 只支持 ' || cast(supported_amount as varchar) || ' 元'
        end
        || '。请退还 ' || cast(open_amount as varchar) || ' 元，或提供扣款依据。' as claim_zh,
        file_id, sheet, row_no
    from joined
)

select * from final
