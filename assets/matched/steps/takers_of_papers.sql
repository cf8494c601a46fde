-- One row per statement, or fee of an advice (chain_id, base_kind, base_no), and payment that takes what
-- it deducts: the first that names it, and when that one went back the first that became known from
-- then on.
-- Takes `payment_references`, `bases` and `sent_back`.

with recursive payers as (
    select
        chain_id, base_kind, base_no, account_no, transaction_no, min(known_on) as known_on
    from payment_references
    semi join (
        select chain_id, base_kind, base_no
        from bases
        where base_kind in ('statement', 'deduction')
    ) as named using (chain_id, base_kind, base_no)
    group by chain_id, base_kind, base_no, account_no, transaction_no
),

in_order as (
    select
        payers.*, sent_back.went_back_on,
        row_number() over (
            partition by payers.chain_id, payers.base_kind, payers.base_no
            order by payers.known_on, payers.transaction_no, payers.account_no
        ) as place
    from payers
    left join sent_back using (account_no, transaction_no)
),

later_ones as (
    select * from in_order where place > 1
),

takers as (
    select * from in_order where place = 1
    union all
    select later_ones.*
    from takers
    inner join later_ones using (chain_id, base_kind, base_no)
    where
        later_ones.place > takers.place
        and later_ones.known_on >= takers.went_back_on
    qualify row_number() over (
        partition by later_ones.chain_id, later_ones.base_kind, later_ones.base_no
        order by later_ones.place
    ) = 1
),

final as (
    select chain_id, base_kind, base_no, account_no, transaction_no from takers
)

select * from final
