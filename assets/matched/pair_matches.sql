-- One row per paper that names no other and the one that fits it (chain_id, paper_kind, paper_no,
-- names_kind, candidate_no): same store, equal amount, dates near each other, and nobody names that
-- one, or may mean it by another number. Asked `matching.pair_wait_days` after both were known, for papers that are on their
-- way. `is_repeated` says that on that day one of the two fits another paper as well.

with named as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no,
        min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(document_on, known_on) as document_on, min_by(amount, known_on) as amount
    from matched.unmet_references
    where
        known_on <= getvariable('day_until')
        and named_no = ''
        and amount <> 0 -- nothing tells papers over nothing apart
        -- goods are received by their delivery note
        and (paper_kind, names_kind) in (('delivery', 'order'), ('goods_receipt', 'delivery'))
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

numbers as (
    select numbers.*
    from matched.paper_numbers as numbers
    semi join named on numbers.chain_id = named.chain_id and numbers.store_id = named.store_id
    where numbers.known_on <= getvariable('day_until')
),

fitting as (
    select
        named.chain_id, named.paper_kind, named.paper_no, named.names_kind, named.named_no,
        numbers.no as candidate_no, named.store_id, named.document_on, named.amount,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount,
        greatest(named.known_on, numbers.known_on) as met_on
    from numbers
    inner join named
        on
            numbers.chain_id = named.chain_id
            and numbers.kind = named.names_kind
            and numbers.store_id = named.store_id
            and numbers.amount = named.amount
            and abs(numbers.dated_on - named.document_on)
            <= getvariable('policy').matching.near_days
),

first_fits as (
    select *
    from fitting
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, candidate_no
        order by met_on, candidate_on
    ) = 1
),

naming as (
    select papers.chain_id, 'delivery' as paper_kind, 'order' as names_kind,
        papers.order_no as candidate_no, papers.known_on
    from staged.deliveries as papers
    semi join (
        select chain_id, candidate_no as order_no from first_fits where paper_kind = 'delivery'
    ) as wanted using (chain_id, order_no)
    where papers.known_on <= getvariable('day_until')
    union all
    select papers.chain_id, 'goods_receipt', 'delivery', papers.delivery_no, papers.known_on
    from staged.goods_receipts as papers
    semi join (
        select chain_id, candidate_no as delivery_no
        from first_fits
        where paper_kind = 'goods_receipt'
    ) as wanted using (chain_id, delivery_no)
    where papers.known_on <= getvariable('day_until') and not papers.is_return
),

-- or another paper may mean it
meaning as (
    select chain_id, paper_kind, names_kind, candidate_no, known_on from naming
    union all
    select chain_id, paper_kind, names_kind, candidate_no, known_on
    from (
        select * from matched.normalised_matches
        union all by name
        select * from matched.suffix_matches
        union all by name
        select * from matched.one_edit_matches
        union all by name
        select * from matched.register_matches
    )
    where known_on <= getvariable('day_until') and named_no <> ''
),

taken as (
    select chain_id, paper_kind, names_kind, candidate_no, min(known_on) as taken_on
    from meaning
    group by chain_id, paper_kind, names_kind, candidate_no
),

-- free and unnamed at least until the day of asking
pairs as (
    select
        first_fits.*,
        cast(first_fits.met_on + getvariable('policy').matching.pair_wait_days as date)
            as known_on,
        coalesce(taken.taken_on, date '9999-12-31') as taken_on
    from first_fits
    left join taken using (chain_id, paper_kind, names_kind, candidate_no)
),

asked as (
    select *
    from pairs
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and taken_on > known_on
),

-- one of the two fits another paper as well
repeated as (
    select asked.chain_id, asked.paper_kind, asked.paper_no, asked.names_kind, asked.candidate_no
    from pairs as others
    inner join asked using (chain_id, paper_kind, paper_no, names_kind)
    where
        others.candidate_no <> asked.candidate_no
        and others.met_on <= asked.known_on and others.taken_on > asked.known_on
    union
    select asked.chain_id, asked.paper_kind, asked.paper_no, asked.names_kind, asked.candidate_no
    from pairs as others
    inner join asked using (chain_id, paper_kind, names_kind, candidate_no)
    where
        others.paper_no <> asked.paper_no
        and others.met_on <= asked.known_on and others.taken_on > asked.known_on
),

final as (
    select
        asked.known_on, asked.chain_id, asked.paper_kind, asked.paper_no, asked.names_kind,
        asked.named_no, asked.candidate_no, 'only_pair' as rule, asked.store_id,
        asked.document_on, asked.amount, asked.candidate_store_id, asked.candidate_on,
        asked.candidate_amount, repeated.paper_no is not null as is_repeated
    from asked
    left join repeated using (chain_id, paper_kind, paper_no, names_kind, candidate_no)
)

select * from final
