-- One row per statement line (chain_id, statement_no, line_no) and day its statement became known.
-- The amount is what the line adds to the payable: returns and deductions are negative.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.statements
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

resolutions as (
    select * from staged.steps.resolved_numbers
    where paper_kind = 'statement'
),

codes as (
    select * from staged.steps.store_code_versions
),

agreements as (
    select * from staged.steps.deduction_agreement_versions
),

unsaid_fees as (
    select distinct
        known_on, chain_id, fee_code,
        coalesce(period_end, document_date, known_on) as stated_on
    from standing_rows
    where line_kind = 'deduction' and deduction_kind is null and fee_code is not null
),

-- how a fee is settled where the line does not say: as all agreements for it have it
agreed_kinds as (
    select
        unsaid_fees.known_on, unsaid_fees.chain_id, unsaid_fees.fee_code, unsaid_fees.stated_on,
        min(agreements.kind) as kind
    from unsaid_fees
    inner join agreements
        on
            unsaid_fees.chain_id = agreements.chain_id
            and unsaid_fees.fee_code = agreements.fee_code
            and unsaid_fees.known_on >= agreements.known_from
            and unsaid_fees.known_on < agreements.known_until
            and unsaid_fees.stated_on >= agreements.valid_from
            and unsaid_fees.stated_on <= coalesce(agreements.valid_to, date '9999-12-31')
    group by all
    having min(agreements.kind) = max(agreements.kind)
),

-- else as the policy's code map has it, the chain's own code first
coded_kinds as (
    select chain_id, code as fee_code, kind
    from (
        select
            unnest(
                cast(
                    getvariable('policy').deductions.codes
                    as struct(chain_id varchar, code varchar, category varchar, kind varchar)[]
                ),
                recursive := true
            )
    )
    where kind is not null
),

final as (
    select
        standing_rows.* replace (
            coalesce(resolutions.invoice_no, standing_rows.invoice_no) as invoice_no,
            case
                when standing_rows.line_kind = 'deduction'
                    then coalesce(
                        standing_rows.deduction_kind, agreed_kinds.kind, own_kinds.kind,
                        general_kinds.kind
                    )
            end as deduction_kind
        ),
        standing_rows.invoice_no as invoice_no_as_sent,
        case
            when standing_rows.store_code is not null
                then coalesce(
                    codes.store_id,
                    'unknown:' || standing_rows.chain_id || '/' || standing_rows.store_code
                )
        end as store_id
    from standing_rows
    left join resolutions
        on
            standing_rows.chain_id = resolutions.chain_id
            and standing_rows.statement_no = resolutions.paper_no
            and standing_rows.invoice_no = resolutions.given_no
            and standing_rows.known_on >= resolutions.resolved_on
    left join agreed_kinds
        on
            standing_rows.known_on = agreed_kinds.known_on
            and standing_rows.chain_id = agreed_kinds.chain_id
            and standing_rows.fee_code = agreed_kinds.fee_code
            and coalesce(
                standing_rows.period_end, standing_rows.document_date, standing_rows.known_on
            ) = agreed_kinds.stated_on
    left join coded_kinds as own_kinds
        on
            standing_rows.chain_id = own_kinds.chain_id
            and standing_rows.fee_code = own_kinds.fee_code
    left join (
        select fee_code, kind from coded_kinds where chain_id is null
    ) as general_kinds on standing_rows.fee_code = general_kinds.fee_code
    left join codes
        on
            standing_rows.chain_id = codes.chain_id
            and standing_rows.store_code = codes.store_code
            and standing_rows.known_on >= codes.known_from
            and standing_rows.known_on < codes.known_until
            and coalesce(standing_rows.document_date, standing_rows.period_end, standing_rows.known_on) between codes.valid_from and codes.valid_to
)

select * from final
