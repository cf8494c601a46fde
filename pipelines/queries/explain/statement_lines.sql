-- One row per line that statements hold about the story's goods receipts, or about the asked order or
-- statement, in the version that counts, with the cell that it stands in.

with wanted as (
    select unnest($kinds) as kind, unnest($numbers) as no
),

versions as (
    select chain_id, statement_no, max(known_on) as known_on
    from staged.statements
    where chain_id = $chain_id
    group by chain_id, statement_no
),

final as (
    select
        lines.statement_no, lines.line_no, lines.line_kind, lines.store_id, lines.order_no,
        lines.receipt_no, lines.fee_name, lines.amount, lines.known_on, files.path as file,
        lines.sheet, lines.row_no as row
    from staged.statement_lines as lines
    inner join versions using (chain_id, statement_no, known_on)
    left join received.files as files on lines.file_id = files.file_id
    where
        ('goods_receipt', lines.receipt_no) in (select (kind, no) from wanted)
        or $kind = 'order' and lines.order_no = $no
        or $kind = 'statement' and lines.statement_no = $no
    order by lines.known_on, lines.statement_no, lines.line_no
    limit 400
)

select * from final
