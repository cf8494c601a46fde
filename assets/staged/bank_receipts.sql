-- One row per bank receipt (account_no, transaction_no) and day on which it became known.
-- The payer is found by account, else by name (`payer_rule`); unknown payers stay without a customer.

with standing_rows as (
    select * exclude (is_duplicate, is_standing)
    from received.bank_receipts
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and is_standing
),

names as (
    select * from staged.steps.party_name_versions
),

-- few payers pay often
spellings as (
    select spelling, name_key(spelling) as name
    from (
        select payer_account as spelling from standing_rows
        union
        select payer_name from standing_rows
    )
),

final as (
    select
        standing_rows.*,
        coalesce(by_account.customer_id, by_name.customer_id) as payer_id,
        coalesce(by_account.chain_id, by_name.chain_id) as chain_id,
        case
            when by_account.customer_id is not null then 'account'
            when by_name.customer_id is not null then 'name'
        end as payer_rule
    from standing_rows
    left join spellings as accounts on standing_rows.payer_account = accounts.spelling
    left join names as by_account
        on
            by_account.name_kind = 'bank_account'
            and accounts.name = by_account.name
            and standing_rows.known_on >= by_account.known_from
            and standing_rows.known_on < by_account.known_until
            and standing_rows.received_on between by_account.valid_from and by_account.valid_to
    left join spellings as payer_names on standing_rows.payer_name = payer_names.spelling
    left join names as by_name
        on
            by_name.name_kind = 'name'
            and payer_names.name = by_name.name
            and standing_rows.known_on >= by_name.known_from
            and standing_rows.known_on < by_name.known_until
            and standing_rows.received_on between by_name.valid_from and by_name.valid_to
)

select * from final
