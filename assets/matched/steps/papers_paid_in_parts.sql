-- One row per paper that several payments name (chain_id, base_kind, base_no): those that the touched
-- payments name, and all that are linked to them by payments that name both.
-- Takes `payment_references` and `touched`.

with recursive several as (
    select chain_id, base_kind, base_no
    from payment_references
    group by chain_id, base_kind, base_no
    having count(*) > 1
),

shared as (
    select chain_id, base_kind, base_no, account_no, transaction_no
    from payment_references
    semi join several using (chain_id, base_kind, base_no)
),

final as (
    select chain_id, base_kind, base_no
    from shared
    semi join touched using (account_no, transaction_no)
    union
    select others.chain_id, others.base_kind, others.base_no
    from final
    inner join shared as own using (chain_id, base_kind, base_no)
    inner join shared as others
        on own.account_no = others.account_no and own.transaction_no = others.transaction_no
)

select * from final
