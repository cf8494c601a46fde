-- One row per paper and invoice number in it that finds no invoice, or not one alone, on the day.

with latest as (
    select *
    from staged.number_resolutions
    where known_on <= $as_of
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, given_no order by known_on desc
    ) = 1
),

files as (
    select file_id, path from received.files where known_on <= $as_of
)

select
    nullif(latest.chain_id, 'unknown') as chain_id,
    latest.paper_kind,
    latest.paper_no,
    latest.given_no,
    latest.verdict,
    latest.evidence,
    latest.amount,
    latest.known_on,
    files.path,
    latest.row_no
from latest
left join files using (file_id)
where latest.verdict in ('unknown', 'ambiguous', 'contested')
order by abs(latest.amount) desc nulls last, latest.paper_kind, latest.paper_no, latest.given_no
