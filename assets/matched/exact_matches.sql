-- One row per unmet reference and paper that bears the very number named (chain_id, paper_kind,
-- paper_no, names_kind, named_no, rule). Rule `exact`: the paper is the one named, from the day on
-- which versions of the two agree in store or amount, or another number leads from the one to the
-- other as well. Until then, where it is of another store and has another amount, rule
-- `contradicted`: the number is not taken at its word. Nor is it from the day on which other papers
-- outvote it, rule `outvoted`, until they do so no more, rule `upheld`.

with named as (
    select *
    from matched.unmet_references
    where known_on <= getvariable('day_until') and named_no <> '' and not is_outvoted
),

meetings as (
    select
        named.chain_id, named.paper_kind, named.paper_no, named.names_kind, named.named_no,
        greatest(named.known_on, numbers.known_on) as known_on,
        named.store_id, named.document_on, named.amount,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount,
        named.is_return
        or not named.store_tells
        or not numbers.store_tells
        or numbers.store_id = named.store_id
        or coalesce(
            abs(named.amount - numbers.amount) * 100
            <= abs(numbers.amount) * getvariable('policy').matching.near_amount_percent,
            true
        ) as agrees
    from matched.paper_numbers as numbers
    inner join named
        on
            numbers.kind = named.names_kind
            and numbers.chain_id = named.chain_id
            and numbers.no = named.named_no
    where numbers.known_on <= getvariable('day_until')
),

met as (
    select chain_id, paper_kind, paper_no, names_kind, named_no, min(known_on) as met_on
    from meetings
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

in_question as (
    select named.*, met.met_on
    from named
    inner join met using (chain_id, paper_kind, paper_no, names_kind, named_no)
),

-- other papers by which the one leads to the other as well
led as (
    select names.*, deliveries.known_on as led_on
    from staged.deliveries
    inner join (select * from in_question where other_delivery_no is not null) as names
        on
            deliveries.chain_id = names.chain_id
            and deliveries.delivery_no = names.other_delivery_no
            and deliveries.order_no = names.named_no
    where names.names_kind = 'order' and deliveries.known_on <= getvariable('day_until')
    union all
    select names.*, deliveries.known_on
    from staged.deliveries
    inner join (select * from in_question where names_kind = 'delivery') as names
        on
            deliveries.chain_id = names.chain_id
            and deliveries.delivery_no = names.named_no
            and deliveries.order_no = names.other_order_no
    where deliveries.known_on <= getvariable('day_until')
    union all
    select names.*, receipts.known_on
    from staged.goods_receipts as receipts
    inner join (select * from in_question where paper_kind = 'delivery') as names
        on
            receipts.chain_id = names.chain_id
            and receipts.delivery_no = names.paper_no
            and receipts.order_no = names.named_no
    where receipts.known_on <= getvariable('day_until')
    union all
    select names.*, receipts.known_on
    from staged.goods_receipts as receipts
    inner join (select * from in_question where names_kind = 'goods_receipt') as names
        on receipts.chain_id = names.chain_id and receipts.receipt_no = names.named_no
    where
        receipts.known_on <= getvariable('day_until')
        and (
            receipts.order_no = names.other_order_no
            or receipts.delivery_no = names.other_delivery_no
        )
),

believed as (
    select chain_id, paper_kind, paper_no, names_kind, named_no, min(known_on) as believed_on
    from (
        select chain_id, paper_kind, paper_no, names_kind, named_no, known_on
        from meetings
        where agrees
        union all
        select
            chain_id, paper_kind, paper_no, names_kind, named_no,
            greatest(known_on, met_on, led_on)
        from led
    )
    group by chain_id, paper_kind, paper_no, names_kind, named_no
),

-- the two as they were on the day on which they met
first_meetings as (
    select *
    from meetings
    qualify row_number() over (
        partition by chain_id, paper_kind, paper_no, names_kind, named_no
        order by known_on, candidate_on, candidate_amount, candidate_store_id, document_on, amount,
            store_id
    ) = 1
),

judged as (
    select first_meetings.* exclude (agrees), believed.believed_on
    from first_meetings
    left join believed using (chain_id, paper_kind, paper_no, names_kind, named_no)
),

-- the paper as it was on that day
outvoted as (
    select
        names.chain_id, names.paper_kind, names.paper_no, names.names_kind, names.named_no,
        names.known_on, names.store_id, names.document_on, names.amount,
        case when names.is_withdrawn then 'upheld' else 'outvoted' end as rule,
        numbers.store_id as candidate_store_id, numbers.dated_on as candidate_on,
        numbers.amount as candidate_amount
    from matched.paper_numbers as numbers
    inner join matched.outvoted_references as names
        on
            numbers.kind = names.names_kind
            and numbers.chain_id = names.chain_id
            and numbers.no = names.named_no
            and numbers.known_on <= names.known_on
    where names.known_on between getvariable('day_from') and getvariable('day_until')
    qualify row_number() over (
        partition by
            names.chain_id, names.paper_kind, names.paper_no, names.names_kind, names.named_no,
            names.known_on
        order by numbers.known_on desc
    ) = 1
),

found as (
    select * from outvoted
    union all by name
    select * exclude (believed_on), 'contradicted' as rule
    from judged
    where believed_on is null or believed_on > known_on
    union all by name
    select * exclude (believed_on) replace (believed_on as known_on), 'exact' as rule
    from judged
    where believed_on is not null
),

final as (
    select *, named_no as candidate_no
    from found
    where known_on >= getvariable('day_from')
)

select * from final
