-- One row per VAT invoice (invoice_no) and day on which a version of it became known.
-- The files about an invoice (export, XML, OFD, tax control) add up: what a file leaves out stays
-- as an earlier one said, and a status that nobody stated is normal. A change of status (normal to
-- red or void) is a version. The buyer is found by tax id, else name. A red invoice names its blue
-- one in a field of its own, else in words of its remark that leave no choice.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

stated_rows as not materialized (
    select * from received.invoices
    where known_on <= getvariable('day_until') and not is_duplicate
),

-- most invoices come in one file only
several as (
    select stated_rows.invoice_no
    from stated_rows
    semi join standing_rows using (invoice_no)
    group by stated_rows.invoice_no
    having count(*) > 1
),

added_up as (
    select
        known_on, file_id, is_standing, sheet, row_no, invoice_no, amount_excl_tax, tax, amount,
        last_value(issued_on ignore nulls) over by_then as issued_on,
        last_value(invoice_code ignore nulls) over by_then as invoice_code,
        last_value(buyer_tax_id ignore nulls) over by_then as buyer_tax_id,
        last_value(buyer_name ignore nulls) over by_then as buyer_name,
        last_value(status ignore nulls) over by_then as status,
        last_value(is_red ignore nulls) over by_then as is_red,
        last_value(red_of_invoice_no ignore nulls) over by_then as red_of_invoice_no,
        last_value(remark ignore nulls) over by_then as remark
    from stated_rows
    semi join several using (invoice_no)
    -- of the files of a day the standing one is the last
    window by_then as (
        partition by invoice_no order by known_on, is_standing, file_id, row_no
        rows between unbounded preceding and current row
    )
),

versions as (
    select standing_rows.*
    from standing_rows
    anti join several using (invoice_no)
    union all by name
    select * exclude (is_standing)
    from added_up
    where
        is_standing
        and known_on between getvariable('day_from') and getvariable('day_until')
),

-- 被红冲蓝字数电发票号码：… · 对应正数发票代码:… 号码:… · 对应蓝字发票号 …
remarks as (
    select
        invoice_no, known_on,
        list_distinct(
            regexp_extract_all(
                translate(remark, '：０１２３４５６７８９', ':0123456789'),
                '(?:被红冲蓝字|对应正数|对应蓝字)(?:数电|全电)?(?:发)?票?'
                '(?:代码\s*:?\s*\d{10,12}\s*[,，;；、]?\s*(?:发票)?)?号(?:码)?\s*:?\s*(\d{8,20})',
                1
            )
        ) as named
    from versions
    where red_of_invoice_no is null and remark is not null
),

named_by_remark as (
    select invoice_no, known_on, named[1] as red_of_invoice_no
    from remarks
    where len(named) = 1 and named[1] <> invoice_no
),

-- 红 is what takes back: some files only show it by the sign
coloured as (
    select
        versions.* replace (
            coalesce(versions.buyer_name, versions.buyer_tax_id) as buyer_name,
            coalesce(versions.status, 'normal') as status,
            coalesce(versions.is_red, versions.amount < 0) as is_red,
            case
                when coalesce(versions.is_red, versions.amount < 0)
                    then coalesce(versions.red_of_invoice_no, named_by_remark.red_of_invoice_no)
                else versions.red_of_invoice_no
            end as red_of_invoice_no
        )
    from versions
    left join named_by_remark using (invoice_no, known_on)
),

names as (
    select * from staged.steps.party_name_versions
),

-- few names stand on many invoices
spellings as (
    select spelling, name_key(spelling) as name
    from (
        select buyer_tax_id as spelling from coloured
        union
        select buyer_name from coloured
    )
),

final as (
    select
        coloured.*,
        coalesce(by_tax_id.customer_id, by_name.customer_id) as buyer_id,
        coalesce(by_tax_id.chain_id, by_name.chain_id) as chain_id
    from coloured
    left join spellings as tax_ids on coloured.buyer_tax_id = tax_ids.spelling
    left join names as by_tax_id
        on
            by_tax_id.name_kind = 'tax_id'
            and tax_ids.name = by_tax_id.name
            and coloured.known_on >= by_tax_id.known_from
            and coloured.known_on < by_tax_id.known_until
            and coloured.issued_on between by_tax_id.valid_from and by_tax_id.valid_to
    left join spellings as buyer_names on coloured.buyer_name = buyer_names.spelling
    left join names as by_name
        on
            by_name.name_kind = 'name'
            and buyer_names.name = by_name.name
            and coloured.known_on >= by_name.known_from
            and coloured.known_on < by_name.known_until
            and coloured.issued_on between by_name.valid_from and by_name.valid_to
)

select * from final
