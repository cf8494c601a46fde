-- One row per closed day and proposed match (as_of, suspect_id): a paper names a number that we do
-- not have, and exactly one paper of the same chain and kind has a number that reads the same once
-- width, case, separators and leading zeros are taken away. Proposed for a person, never applied;
-- gone when the paper that is named comes, or when another one reads the same as well.

with implied_orders as (
    select distinct chain_id, order_no
    from matched.order_states
    where known_on <= getvariable('day_until') and is_implied
),

delivery_versions as (
    select
        deliveries.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, delivery_no order by known_on
        ) as known_until
    from staged.deliveries
    semi join (
        select deliveries.chain_id, deliveries.delivery_no
        from staged.deliveries
        semi join implied_orders using (chain_id, order_no)
    ) as naming using (chain_id, delivery_no)
    where known_on <= getvariable('day_until')
),

receipt_versions as (
    select
        receipts.*,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, receipt_no order by known_on
        ) as known_until
    from staged.goods_receipts as receipts
    semi join (
        select receipts.chain_id, receipts.receipt_no
        from staged.goods_receipts as receipts
        semi join implied_orders using (chain_id, order_no)
    ) as naming using (chain_id, receipt_no)
    where known_on <= getvariable('day_until')
),

unmatched_applications as (
    select applications.*
    from staged.invoice_applications as applications
    anti join (
        select chain_id, receipt_no
        from staged.goods_receipts
        where known_on <= getvariable('day_from')
    ) as receipts using (chain_id, receipt_no)
    where applications.known_on <= getvariable('day_until') and applications.receipt_no is not null
),

application_days as (
    select
        application_no, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by application_no order by known_on
        ) as known_until
    from (
        select distinct application_no, known_on
        from staged.invoice_applications
        semi join unmatched_applications using (application_no)
        where known_on <= getvariable('day_until')
    )
),

named as (
    select
        chain_id, 'order' as from_kind, order_no as named_no, 'delivery' as to_kind,
        delivery_no as to_no, amount, store_id, known_on, known_until, file_id, sheet, row_no
    from delivery_versions
    where order_no is not null
    union all
    select
        chain_id, 'order', order_no, 'goods_receipt', receipt_no, amount, store_id,
        known_on, known_until, file_id, sheet, row_no
    from receipt_versions
    where order_no is not null
    union all
    select
        chain_id, 'goods_receipt', receipt_no, 'application', application_no || '#' || line_no,
        amount, store_id, known_on, known_until, file_id, sheet, row_no
    from unmatched_applications
    inner join application_days using (application_no, known_on)
),

chains as (
    select distinct from_kind, chain_id from named
),

papers as (
    select 'order' as from_kind, chain_id, order_no as no, known_on, amount, store_id
    from staged.orders
    semi join (select chain_id from chains where from_kind = 'order') as wanted using (chain_id)
    where known_on <= getvariable('day_until')
    union all
    select 'goods_receipt', chain_id, receipt_no, known_on, amount, store_id
    from staged.goods_receipts
    semi join (select chain_id from chains where from_kind = 'goods_receipt') as wanted
        using (chain_id)
    where known_on <= getvariable('day_until')
),

-- only what is not plain has to be folded to half width
spelled_papers as (
    select
        *,
        ltrim(
            upper(
                regexp_replace(
                    case
                        when strlen(no) = length(no) then no
                        else translate(
                            no,
                            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ'
                            || 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ',
                            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
                            || 'abcdefghijklmnopqrstuvwxyz'
                        )
                    end,
                    '[\s\p{P}\p{S}]', '', 'g'
                )
            ),
            '0'
        ) as spelling
    from papers
),

spelled_names as (
    select
        *,
        ltrim(
            upper(
                regexp_replace(
                    translate(
                        named_no,
                        '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ'
                        || 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ',
                        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
                        || 'abcdefghijklmnopqrstuvwxyz'
                    ),
                    '[\s\p{P}\p{S}]', '', 'g'
                )
            ),
            '0'
        ) as spelling
    from named
),

alike as (
    select
        papers.from_kind, papers.chain_id, papers.no, papers.spelling,
        min(papers.known_on) as known_on,
        min_by(papers.amount, papers.known_on) as amount,
        min_by(papers.store_id, papers.known_on) as store_id
    from spelled_papers as papers
    semi join spelled_names using (from_kind, chain_id, spelling)
    where papers.spelling <> ''
    group by papers.from_kind, papers.chain_id, papers.no, papers.spelling
),

-- from the day of the first paper that reads the same until the day of the second
readings as (
    select
        *,
        row_number() over (
            partition by from_kind, chain_id, spelling order by known_on, no
        ) as place,
        lead(known_on, 1, date '9999-12-31') over (
            partition by from_kind, chain_id, spelling order by known_on, no
        ) as second_on
    from alike
),

spells as (
    select
        names.chain_id, names.from_kind, readings.no as from_no, names.to_kind, names.to_no,
        names.amount, names.named_no,
        coalesce(names.store_id = readings.store_id, false) as is_same_store,
        names.amount = readings.amount as is_same_amount,
        names.file_id, names.sheet, names.row_no,
        greatest(names.known_on, readings.known_on) as starts_on,
        least(names.known_until, readings.second_on) as ends_on
    from spelled_names as names
    inner join readings
        on
            names.from_kind = readings.from_kind
            and names.chain_id = readings.chain_id
            and names.spelling = readings.spelling
            and readings.place = 1
    where names.named_no <> readings.no
),

final as (
    select
        days.as_of,
        substr(
            md5(
                spells.chain_id || '|' || spells.from_no || '|' || spells.to_kind || '|'
                || spells.to_no
            ),
            1, 16
        ) as suspect_id,
        spells.chain_id, spells.from_kind, spells.from_no, spells.to_kind, spells.to_no,
        spells.amount,
        cast(
            0.7 + case when spells.is_same_store then 0.15 else 0 end
            + case when spells.is_same_amount then 0.15 else 0 end as decimal(5, 4)
        ) as score,
        'the paper names ' || spells.named_no || ', which we do not have; ' || spells.from_no
        || ' differs only in spelling'
        || case when spells.is_same_store then ', same store' else ', another store' end
        || case when spells.is_same_amount then ', same amount' else ', another amount' end
        as evidence,
        spells.file_id, spells.sheet, spells.row_no
    from spells
    inner join (select unnest(getvariable('days')) as as_of) as days
        on days.as_of >= spells.starts_on and days.as_of < spells.ends_on
)

select * from final
