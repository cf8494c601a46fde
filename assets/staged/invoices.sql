-- One row per VAT invoice (invoice_no) and day on which a version of it became known.
-- A change of status (normal to red or void) is a version. The buyer is found by tax id, else name.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.invoices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

names as (
    select
        name_kind, name, valid_from, valid_to, customer_id, chain_id,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (
            partition by name_kind, name, valid_from order by known_on
        ) as known_until
    from staged.party_names
),

final as (
    select
        standing_rows.* replace (
            coalesce(standing_rows.buyer_name, standing_rows.buyer_tax_id) as buyer_name,
            coalesce(standing_rows.status, 'normal') as status,
            coalesce(standing_rows.is_red, false) as is_red
        ),
        coalesce(by_tax_id.customer_id, by_name.customer_id) as buyer_id,
        coalesce(by_tax_id.chain_id, by_name.chain_id) as chain_id
    from standing_rows
    left join names as by_tax_id
        on
            by_tax_id.name_kind = 'tax_id'
            and standing_rows.buyer_tax_id = by_tax_id.name
            and standing_rows.known_on >= by_tax_id.known_from
            and standing_rows.known_on < by_tax_id.known_until
            and standing_rows.issued_on between by_tax_id.valid_from and by_tax_id.valid_to
    left join names as by_name
        on
            by_name.name_kind = 'name'
            and standing_rows.buyer_name = by_name.name
            and standing_rows.known_on >= by_name.known_from
            and standing_rows.known_on < by_name.known_until
            and standing_rows.issued_on between by_name.valid_from and by_name.valid_to
)

select * from final
