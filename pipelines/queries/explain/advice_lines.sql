-- One row per line of the asked payment advice, with the cell that it stands in.

with final as (
    select
        advices.known_on, advices.line_no, advices.statement_no, advices.invoice_no,
        advices.store_id, advices.fee_code, advices.amount, files.path as file, advices.sheet,
        advices.row_no as row
    from staged.remittance_advices as advices
    left join received.files as files using (file_id)
    where advices.chain_id = $chain_id and advices.advice_no = $no
    order by advices.known_on, advices.line_no
)

select * from final
