-- One row per closed day and proposed match (as_of, suspect_id): a paper names a number that we do
-- not have, and exactly one paper of the same chain and kind has a number that reads the same once
-- width, case, separators and leading zeros are taken away. Proposed for a person, never applied.

with days as (
    select unnest(getvariable('days')) as as_of
),

named as (
    select
        chain_id, 'order' as from_kind, order_no as from_no, 'delivery' as to_kind,
        delivery_no as to_no, known_on, amount, store_id, file_id, sheet, row_no
    from staged.deliveries
    where known_on <= getvariable('day_until') and order_no is not null
    union all
    select
        chain_id, 'order', order_no, 'goods_receipt', receipt_no, known_on, amount, store_id,
        file_id, sheet, row_no
    from staged.goods_receipts
    where known_on <= getvariable('day_until') and order_no is not null
    union all
    select
        chain_id, 'goods_receipt', receipt_no, 'application',
        application_no || '#' || cast(line_no as varchar), known_on, amount, store_id,
        file_id, sheet, row_no
    from staged.invoice_applications
    where known_on <= getvariable('day_until') and receipt_no is not null
),

papers as (
    select chain_id, 'order' as kind, order_no as no, min(known_on) as known_on,
        min_by(amount, known_on) as amount, min_by(store_id, known_on) as store_id
    from staged.orders
    where known_on <= getvariable('day_until')
    group by chain_id, order_no
    union all
    select chain_id, 'goods_receipt', receipt_no, min(known_on), min_by(amount, known_on),
        min_by(store_id, known_on)
    from staged.goods_receipts
    where known_on <= getvariable('day_until')
    group by chain_id, receipt_no
),

-- numbers that no paper of the kind ever had by the end of the window; one known later frees them
unknown as (
    select
        named.*,
        coalesce(papers.known_on, date '9999-12-31') as resolved_on
    from named
    left join papers
        on
            named.chain_id = papers.chain_id
            and named.from_kind = papers.kind
            and named.from_no = papers.no
    where papers.known_on is null or papers.known_on > named.known_on
),

spelled as (
    select
        *,
        ltrim(upper(regexp_replace(nfc_normalize(from_no), '[^0-9A-Za-z]', '', 'g')), '0') as spelling
    from unknown
),

spelled_papers as (
    select
        papers.*,
        ltrim(upper(regexp_replace(nfc_normalize(no), '[^0-9A-Za-z]', '', 'g')), '0') as spelling
    from papers
    semi join (select distinct chain_id, from_kind as kind from unknown) as kinds
        using (chain_id, kind)
),

alike as (
    select
        days.as_of, spelled.chain_id, spelled.from_kind, spelled_papers.no as from_no,
        spelled.to_kind, spelled.to_no, spelled.amount, spelled.from_no as named_no,
        spelled.store_id = spelled_papers.store_id as is_same_store,
        spelled.amount = spelled_papers.amount as is_same_amount,
        spelled.file_id, spelled.sheet, spelled.row_no
    from days
    inner join spelled on days.as_of >= spelled.known_on and days.as_of < spelled.resolved_on
    inner join spelled_papers
        on
            spelled.chain_id = spelled_papers.chain_id
            and spelled.from_kind = spelled_papers.kind
            and spelled.spelling = spelled_papers.spelling
            and days.as_of >= spelled_papers.known_on
    where spelled.spelling <> ''
    -- several papers that read the same are no proposal
    qualify count(*) over (
        partition by days.as_of, spelled.chain_id, spelled.to_kind, spelled.to_no
    ) = 1
),

final as (
    select
        as_of,
        substr(md5(chain_id || '|' || from_no || '|' || to_kind || '|' || to_no), 1, 16)
            as suspect_id,
        chain_id, from_kind, from_no, to_kind, to_no, amount,
        cast(
            0.7 + case when is_same_store then 0.15 else 0 end
            + case when is_same_amount then 0.15 else 0 end as decimal(5, 4)
        ) as score,
        'the paper names ' || named_no || ', which we do not have; ' || from_no
        || ' differs only in spelling'
        || case when is_same_store then ', same store' else ', another store' end
        || case when is_same_amount then ', same amount' else ', another amount' end as evidence,
        file_id, sheet, row_no
    from alike
)

select * from final
