-- One row per stretch of days on which the asked exception said the same.

with said as (
    select
        reason_en as reason, reason_zh, amount, order_no, document_no, store_id, debtor_id,
        opened_on, owner,
        next_action, evidence, decision, decided_by, decided_on, reopened_because, file_id, sheet,
        row_no, min(as_of) as said_from, max(as_of) as said_until
    from matched.exceptions
    where exception_id = $no
    group by all
),

final as (
    select
        said.* exclude (file_id, sheet, row_no), files.path as file, said.sheet, said.row_no as row
    from said
    left join received.files as files using (file_id)
    order by said.said_from, said.said_until
)

select * from final
