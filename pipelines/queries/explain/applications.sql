-- One row per row of the asked invoice application, or that names one of the story's goods receipts,
-- orders or invoices, with the cell it came from.

with wanted as (
    select unnest($kinds) as kind, unnest($numbers) as no
),

final as (
    select
        applications.application_no, applications.applied_on, applications.receipt_no,
        applications.order_no, applications.invoice_no, applications.amount,
        applications.known_on, files.path as file, applications.sheet, applications.row_no as row
    from staged.invoice_applications as applications
    left join received.files as files using (file_id)
    where
        applications.chain_id = $chain_id
        and (
            ('goods_receipt', applications.receipt_no) in (select (kind, no) from wanted)
            -- a row about another receipt of the order belongs to the story of the order
            or ('order', applications.order_no) in (select (kind, no) from wanted)
            and (applications.receipt_no is null or $kind = 'order')
            or $kind = 'application' and applications.application_no = $no
            or ('invoice', applications.invoice_no) in (select (kind, no) from wanted)
        )
    order by applications.known_on, applications.application_no, applications.row_no
)

select * from final
