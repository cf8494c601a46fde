-- One row per unmet reference and paper whose number is one sign, or one swap of neighbours, away
-- (chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no), on the day on which both
-- were known: numbers of at least five signs, the same store, dates and amounts near each other.
-- A paper that another one of the same kind names by its very number is taken and no candidate.
-- Numbers that differ in one of their last two signs are neighbours, which are easily taken for a
-- slip.

with named as (
    select
        chain_id, paper_kind, paper_no, names_kind, named_no,
        any_value(number_key) as number_key,
        min(known_on) as known_on, min_by(store_id, known_on) as store_id,
        min_by(document_on, known_on) as document_on, min_by(amount, known_on) as amount
    from matched.unmet_references
    where
        known_on <= getvariable('day_until')
        and length(named_no) >= 5
        and store_id is not null and document_on is not null
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

-- new references meet all papers, earlier ones only the new papers
meetings as (
    select
        named.* exclude (number_key, known_on), numbers.no as candidate_no,
        greatest(named.known_on, numbers.known_on) as known_on,
        numbers.known_on as candidate_known_on,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount,
        named.number_key, numbers.number_key as candidate_key
    from matched.paper_numbers as numbers
    inner join (select * from named where known_on >= getvariable('day_from')) as named
        on
            numbers.kind = named.names_kind
            and numbers.chain_id = named.chain_id
            and numbers.store_id = named.store_id
            and abs(numbers.dated_on - named.document_on)
            <= getvariable('policy').matching.near_days
    where numbers.known_on <= getvariable('day_until')
    union all
    select
        named.* exclude (number_key, known_on), numbers.no, numbers.known_on,
        numbers.known_on, numbers.store_id, numbers.dated_on, numbers.amount,
        named.number_key, numbers.number_key
    from matched.paper_numbers as numbers
    inner join (select * from named where known_on < getvariable('day_from')) as named
        on
            numbers.kind = named.names_kind
            and numbers.chain_id = named.chain_id
            and numbers.store_id = named.store_id
            and abs(numbers.dated_on - named.document_on)
            <= getvariable('policy').matching.near_days
    where numbers.known_on between getvariable('day_from') and getvariable('day_until')
),

near as (
    select
        * exclude (number_key, candidate_key),
        length(number_key) = length(candidate_key)
        and left(number_key, -2) = left(candidate_key, -2)
        and right(number_key, 2) <> reverse(right(candidate_key, 2)) as is_neighbour
    from meetings
    where
        length(candidate_no) >= 5
        and number_key <> candidate_key
        and abs(amount - candidate_amount) * 100
        <= abs(candidate_amount) * getvariable('policy').matching.near_amount_percent
        and damerau_levenshtein(number_key, candidate_key) = 1
),

candidates as (
    select distinct chain_id, paper_kind, names_kind, candidate_no from near
),

-- the first day on which a paper names the candidate exactly
naming as (
    select
        names.chain_id, 'delivery' as paper_kind, 'order' as names_kind,
        names.order_no as candidate_no, names.known_on
    from staged.deliveries as names
    semi join (
        select chain_id, candidate_no as order_no
        from candidates
        where paper_kind = 'delivery'
    ) as wanted using (chain_id, order_no)
    where names.known_on <= getvariable('day_until')
    union all
    select names.chain_id, 'goods_receipt', 'order', names.order_no, names.known_on
    from staged.goods_receipts as names
    semi join (
        select chain_id, candidate_no as order_no
        from candidates
        where paper_kind = 'goods_receipt' and names_kind = 'order'
    ) as wanted using (chain_id, order_no)
    where names.known_on <= getvariable('day_until') and not names.is_return
    union all
    select names.chain_id, 'goods_receipt', 'delivery', names.delivery_no, names.known_on
    from staged.goods_receipts as names
    semi join (
        select chain_id, candidate_no as delivery_no
        from candidates
        where paper_kind = 'goods_receipt' and names_kind = 'delivery'
    ) as wanted using (chain_id, delivery_no)
    where names.known_on <= getvariable('day_until') and not names.is_return
    union all
    select names.chain_id, 'application', 'goods_receipt', names.receipt_no, names.known_on
    from staged.invoice_applications as names
    semi join (
        select chain_id, candidate_no as receipt_no
        from candidates
        where paper_kind = 'application'
    ) as wanted using (chain_id, receipt_no)
    where names.known_on <= getvariable('day_until')
    union all
    select names.chain_id, 'statement', 'goods_receipt', names.receipt_no, names.known_on
    from staged.statement_lines as names
    semi join (
        select chain_id, candidate_no as receipt_no
        from candidates
        where paper_kind = 'statement'
    ) as wanted using (chain_id, receipt_no)
    where names.known_on <= getvariable('day_until')
),

taken as (
    select chain_id, paper_kind, names_kind, candidate_no, min(known_on) as taken_on
    from naming
    group by chain_id, paper_kind, names_kind, candidate_no
),

firsts as (
    select near.*
    from near
    left join taken using (chain_id, paper_kind, names_kind, candidate_no)
    where taken.taken_on is null or taken.taken_on > near.known_on
    qualify row_number() over (
        partition by
            near.chain_id, near.paper_kind, near.paper_no, near.names_kind, near.named_no,
            near.candidate_no
        order by near.known_on, near.candidate_known_on desc
    ) = 1
),

final as (
    select
        known_on, chain_id, paper_kind, paper_no, names_kind, named_no, candidate_no,
        'one_edit' as rule, store_id, document_on, amount, candidate_store_id, candidate_on,
        candidate_amount, is_neighbour
    from firsts
    where known_on >= getvariable('day_from')
)

select * from final
