-- One row per line of a remittance advice (chain_id, advice_no, line_no) and day it became known.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.remittance_advices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

resolutions as (
    select * from staged.steps.resolved_numbers
    where paper_kind = 'remittance_advice'
),

codes as (
    select * from staged.steps.store_code_versions
),

final as (
    select
        standing_rows.* replace (
            coalesce(resolutions.invoice_no, standing_rows.invoice_no) as invoice_no
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
            and standing_rows.advice_no = resolutions.paper_no
            and standing_rows.invoice_no = resolutions.given_no
            and standing_rows.known_on >= resolutions.resolved_on
    left join codes
        on
            standing_rows.chain_id = codes.chain_id
            and standing_rows.store_code = codes.store_code
            and standing_rows.known_on >= codes.known_from
            and standing_rows.known_on < codes.known_until
            and coalesce(standing_rows.paid_on, standing_rows.known_on) between codes.valid_from and codes.valid_to
)

select * from final
