-- One row per deduction line of the asked statement, with the verdict.

with final as (
    select
        deductions.fee_code, deductions.fee_name, deductions.deduction_kind, deductions.store_id,
        deductions.amount, deductions.supported_amount, deductions.disputed_amount,
        deductions.verdict, deductions.evidence, files.path as file, deductions.sheet,
        deductions.row_no as row
    from settled.deductions as deductions
    left join received.files as files using (file_id)
    where deductions.chain_id = $chain_id and deductions.statement_no = $no
    order by deductions.known_on, deductions.line_no
)

select * from final
