-- One row per supermarket statement (chain_id, statement_no) and day a version became known.
-- The amount is the net payable: the sum of its lines without fees that are paid separately.

with lines as (
    select * from staged.statement_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
),

parties as (
    select * from staged.steps.store_code_versions
),

papers as (
    select
        known_on, chain_id, statement_no,
        min(party_code) as party_code,
        min(period_start) as period_start,
        min(period_end) as period_end,
        min(planned_pay_on) as planned_pay_on,
        cast(
            coalesce(
                sum(amount) filter (
                    line_kind <> 'deduction'
                    or coalesce(deduction_kind, '') <> 'paid_separately'
                ),
                0
            ) as decimal(18, 2)
        ) as amount,
        cast(
            coalesce(sum(amount) filter (line_kind in ('receipt', 'return')), 0) as decimal(18, 2)
        ) as goods_amount,
        cast(
            coalesce(sum(amount) filter (line_kind = 'deduction'), 0) as decimal(18, 2)
        ) as deduction_amount,
        count(*) as line_count,
        min(file_id) as file_id,
        min_by(sheet, row_no) as sheet,
        min(row_no) as row_no
    from lines
    group by known_on, chain_id, statement_no
),

final as (
    select
        papers.*,
        parties.store_id as party_id
    from papers
    left join parties
        on
            papers.chain_id = parties.chain_id
            and papers.party_code = parties.store_code
            and papers.known_on >= parties.known_from
            and papers.known_on < parties.known_until
            and coalesce(papers.period_end, papers.known_on)
            between parties.valid_from and parties.valid_to
)

select * from final
