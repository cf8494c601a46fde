-- One row per deduction line (chain_id, paper_no, line_no) and day its paper became known: the
-- agreement that it is held against, and what that agreement allows for the line's own goods.
-- Of several agreements for the fee the store's comes before the debtor's and the chain's, then the
-- later start, then the smaller id; equally specific ones with other terms are named as rivals.
-- Without an agreement, `missed` says what comes nearest; notices that announced it are evidence.

with lines as (
    select * from matched.deduction_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
),

agreements as (
    select * from staged.steps.deduction_agreement_versions
),

-- every agreement of the chain for the fee, and what keeps it from being the one
compared as (
    select
        lines.known_on, lines.deduction_id,
        agreements.agreement_id, agreements.fee_name as agreed_name, agreements.kind as agreed_kind,
        agreements.basis, agreements.rate_or_amount, agreements.cap,
        coalesce(agreements.cap_period, 'statement') as cap_period,
        coalesce(agreements.customer_id, lines.store_id) as scope_id,
        case
            when agreements.customer_id = lines.store_id then 1
            when agreements.customer_id is not null then 2
            else 3
        end as rank,
        agreements.valid_from,
        case
            when
                agreements.customer_id is not null
                and agreements.customer_id not in (lines.store_id, lines.debtor_id)
                then 4
            when lines.stated_on < agreements.valid_from then 3
            when lines.stated_on > agreements.valid_to then 2
            when lines.said_kind <> agreements.kind then 1
            else 0
        end as miss,
        case
            when
                agreements.customer_id is not null
                and agreements.customer_id not in (lines.store_id, lines.debtor_id)
                then 'agreement ' || agreements.agreement_id || ' holds for '
                    || agreements.customer_id || ' only'
            when lines.stated_on < agreements.valid_from
                then 'agreement ' || agreements.agreement_id || ' begins on '
                    || cast(agreements.valid_from as varchar)
            when lines.stated_on > agreements.valid_to
                then 'agreement ' || agreements.agreement_id || ' ended on '
                    || cast(agreements.valid_to as varchar)
            when lines.said_kind <> agreements.kind
                then 'agreement ' || agreements.agreement_id || ' has it ' || agreements.kind
                    || ', not ' || lines.said_kind
        end as missed
    from lines
    inner join agreements
        on
            lines.chain_id = agreements.chain_id
            and lines.fee_code = agreements.fee_code
            and lines.known_on >= agreements.known_from
            and lines.known_on < agreements.known_until
),

chosen as (
    select *
    from compared
    where miss = 0
    qualify row_number() over (
        partition by known_on, deduction_id order by rank, valid_from desc, agreement_id
    ) = 1
),

rivals as (
    select
        chosen.known_on, chosen.deduction_id,
        string_agg(compared.agreement_id, ', ' order by compared.agreement_id) as rivals
    from chosen
    inner join compared
        on
            chosen.known_on = compared.known_on
            and chosen.deduction_id = compared.deduction_id
            and chosen.rank = compared.rank
    where
        compared.miss = 0
        and compared.agreement_id <> chosen.agreement_id
        and (
            compared.basis <> chosen.basis
            or compared.rate_or_amount <> chosen.rate_or_amount
            or compared.cap is distinct from chosen.cap
            or compared.cap_period <> chosen.cap_period
        )
    group by chosen.known_on, chosen.deduction_id
),

nearest as (
    select known_on, deduction_id, missed
    from compared
    where miss > 0
    qualify row_number() over (
        partition by known_on, deduction_id order by miss, valid_from desc, agreement_id
    ) = 1
),

-- goods counted by the piece, on the receipts that the statement lists: those of the line's store,
-- else of all stores without a line of their own
counted_receipts as (
    select distinct
        lines.known_on, lines.deduction_id, stated.chain_id, stated.receipt_no
    from chosen
    inner join lines
        on chosen.known_on = lines.known_on and chosen.deduction_id = lines.deduction_id
    inner join staged.statement_lines as stated
        on
            lines.chain_id = stated.chain_id
            and lines.goods_paper_no = stated.statement_no
            and lines.goods_known_on = stated.known_on
    where
        chosen.basis = 'per_unit'
        and stated.line_kind in ('receipt', 'return')
        and stated.receipt_no is not null
        and case
            when lines.has_store then stated.store_id = lines.store_id
            else not coalesce(list_contains(lines.own_store_ids, stated.store_id), false)
        end
),

receipt_lines as (
    select
        counted.known_on, counted.deduction_id, counted.chain_id, counted.receipt_no,
        max_by(receipts.lines_known_on, receipts.known_on) as lines_known_on
    from counted_receipts as counted
    inner join staged.goods_receipts as receipts
        on
            counted.chain_id = receipts.chain_id
            and counted.receipt_no = receipts.receipt_no
            and counted.known_on >= receipts.known_on
    group by counted.known_on, counted.deduction_id, counted.chain_id, counted.receipt_no
),

units as (
    select
        receipt_lines.known_on, receipt_lines.deduction_id,
        greatest(sum(articles.quantity), 0) as units
    from receipt_lines
    inner join received.goods_receipts as articles
        on
            receipt_lines.chain_id = articles.chain_id
            and receipt_lines.receipt_no = articles.receipt_no
            and receipt_lines.lines_known_on = articles.known_on
    where articles.is_standing
    group by receipt_lines.known_on, receipt_lines.deduction_id
),

-- the last notice of the fee with this amount, for this statement and store if it names any
notices as (
    select
        lines.known_on, lines.deduction_id, notices.notice_no,
        coalesce(notices.announced_on, notices.known_on) as announced_on
    from lines
    inner join staged.deduction_notices as notices
        on
            lines.chain_id = notices.chain_id
            and lines.fee_code = notices.fee_code
            and -lines.amount = notices.amount
            and lines.known_on >= notices.known_on
    where coalesce(notices.statement_no, lines.statement_no, '') = coalesce(lines.statement_no, '')
    qualify row_number() over (
        partition by lines.known_on, lines.deduction_id
        order by notices.statement_no nulls last, notices.known_on desc, notices.notice_no,
            notices.line_no
    ) = 1
),

final as (
    select
        lines.known_on, lines.deduction_id, lines.chain_id, lines.paper_kind, lines.paper_no,
        lines.line_no, lines.goods_paper_no, lines.store_id, lines.fee_code, lines.fee_name,
        lines.counted_on, lines.stated_on, lines.amount, lines.goods_amount,
        chosen.agreement_id, chosen.agreed_name, chosen.agreed_kind, chosen.basis,
        chosen.rate_or_amount, chosen.cap, chosen.cap_period, chosen.scope_id, units.units,
        cast(
            case chosen.basis
                when 'percent_of_net_purchases'
                    then greatest(
                        round(
                            cast(chosen.rate_or_amount as decimal(18, 4))
                            * lines.goods_amount / 100,
                            2
                        ),
                        0
                    )
                when 'per_unit'
                    then round(
                        cast(chosen.rate_or_amount as decimal(18, 4)) * coalesce(units.units, 0), 2
                    )
                else chosen.rate_or_amount
            end as decimal(18, 2)
        ) as own_allowance,
        rivals.rivals,
        case when chosen.agreement_id is null then nearest.missed end as missed,
        notices.notice_no, notices.announced_on,
        lines.file_id, lines.sheet, lines.row_no
    from lines
    left join chosen using (known_on, deduction_id)
    left join rivals using (known_on, deduction_id)
    left join nearest using (known_on, deduction_id)
    left join units using (known_on, deduction_id)
    left join notices using (known_on, deduction_id)
)

select * from final
