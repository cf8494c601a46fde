-- One row per order (chain_id, order_no) and day on which its settlement changed: who owes. The
-- latest row of an order counts. An agreement decides; papers that contradict it are a conflict that
-- names both sides and the money, and change nothing. Without agreement the papers decide: what most
-- of invoice, statement and payer say, of equal voices the invoice, then the statement.

with all_agreed as not materialized (
    select * from settled.agreed_settlements where known_on <= getvariable('day_until')
),

all_evidence as not materialized (
    select * from matched.pattern_evidence where known_on <= getvariable('day_until')
),

new_agreed as not materialized (
    select * from all_agreed where known_on >= getvariable('day_from')
),

new_evidence as not materialized (
    select * from all_evidence where known_on >= getvariable('day_from')
),

-- orders of the window with earlier rows of either kind; on a first load there are none
touched as (
    select chain_id, order_no
    from new_agreed
    where (select min(known_on) from settled.agreed_settlements) < getvariable('day_from')
    union
    select chain_id, order_no
    from new_evidence
    where (select min(known_on) from settled.agreed_settlements) < getvariable('day_from')
),

agreed as not materialized (
    select * from new_agreed
    union all
    select all_agreed.*
    from all_agreed
    semi join touched using (chain_id, order_no)
    where known_on < getvariable('day_from')
),

evidence as not materialized (
    select * from new_evidence
    union all
    select all_evidence.*
    from all_evidence
    semi join touched using (chain_id, order_no)
    where known_on < getvariable('day_from')
),

places as (
    select
        customer_id, min(known_on) as known_on,
        case when min_by(level, known_on) = 'branch' then 'branch' else 'head' end as place
    from staged.customers
    where known_on <= getvariable('day_until')
    group by customer_id
),

-- orders whose settlement depends on their papers, which may say other than some version of what is
-- agreed, or speak where nothing is
told_by_papers as (
    select agreed.chain_id, agreed.order_no
    from agreed
    inner join evidence using (chain_id, order_no)
    left join places on agreed.debtor_id = places.customer_id
    where
        evidence.ship_to_place <> case when agreed.pattern = 'head_head' then 'head' else 'branch' end
        or evidence.issuer_place
        <> case when agreed.pattern = 'head_head' then 'head' else 'branch' end
        or evidence.buyer_id <> agreed.debtor_id
        or evidence.party_id <> agreed.debtor_id
        or evidence.payer_id <> agreed.debtor_id
        and evidence.payer_place is distinct from places.place
        or agreed.is_inferred
        and coalesce(evidence.buyer_place, evidence.party_place, evidence.payer_place) is not null
    group by agreed.chain_id, agreed.order_no
),

days as (
    select known_on, chain_id, order_no from agreed semi join told_by_papers using (chain_id, order_no)
    union
    select known_on, chain_id, order_no from evidence semi join told_by_papers using (chain_id, order_no)
),

-- what is agreed and what each kind of paper said last, as known on each day
known as (
    select
        days.known_on, days.chain_id, days.order_no,
        last_value(case when agreed.order_no is not null then agreed end ignore nulls) over by_then
            as agreed,
        last_value(
            case
                when evidence.ship_to_id is not null
                    then {
                        'id': evidence.ship_to_id, 'place': evidence.ship_to_place,
                        'no': evidence.delivery_no
                    }
            end
            ignore nulls
        ) over by_then as ship_to,
        last_value(
            case
                when evidence.issuer_id is not null
                    then {
                        'id': evidence.issuer_id, 'place': evidence.issuer_place,
                        'no': evidence.receipt_no
                    }
            end
            ignore nulls
        ) over by_then as issuer,
        last_value(
            case
                when evidence.buyer_id is not null
                    then {
                        'id': evidence.buyer_id, 'place': evidence.buyer_place,
                        'no': evidence.invoice_no, 'amount': evidence.invoiced
                    }
            end
            ignore nulls
        ) over by_then as buyer,
        last_value(
            case
                when evidence.party_id is not null
                    then {
                        'id': evidence.party_id, 'place': evidence.party_place,
                        'no': evidence.statement_no, 'amount': evidence.stated
                    }
            end
            ignore nulls
        ) over by_then as party,
        last_value(
            case
                when evidence.payer_id is not null
                    then {
                        'id': evidence.payer_id, 'place': evidence.payer_place,
                        'no': evidence.transaction_no, 'amount': evidence.paid
                    }
            end
            ignore nulls
        ) over by_then as payer
    from days
    left join agreed
        on
            days.known_on = agreed.known_on
            and days.chain_id = agreed.chain_id
            and days.order_no = agreed.order_no
    left join evidence
        on
            days.known_on = evidence.known_on
            and days.chain_id = evidence.chain_id
            and days.order_no = evidence.order_no
    window by_then as (
        partition by days.chain_id, days.order_no order by days.known_on
        rows between unbounded preceding and current row
    )
),

-- what the money papers say together: `branch`, `head`, or nothing
voted as (
    select
        *,
        list_filter([buyer.place, party.place, payer.place], lambda place: place in ('branch', 'head'))
            as voices,
        case
            when buyer.place = 'head' then buyer.id
            when party.place = 'head' then party.id
            when payer.place = 'head' then payer.id
        end as named_head_id
    from known
    -- a paper may tell of an order that no paper of its own has settled yet
    where agreed is not null
),

decided as (
    select
        *,
        case
            when not agreed.is_inferred or agreed.pattern = 'head_head' then agreed.pattern
            else coalesce(voiced_pattern(buyer.place, party.place, payer.place), agreed.pattern)
        end as pattern
    from voted
),

-- without agreement: a branch owes for itself, else the head office that the master data or, where
-- they know none, the papers name
placed as (
    select
        decided.known_on, decided.chain_id, decided.order_no, decided.pattern, decided.agreed,
        decided.ship_to, decided.issuer, decided.buyer, decided.party, decided.payer, decided.voices,
        case
            when decided.pattern = decided.agreed.pattern then decided.agreed.debtor_id
            when decided.pattern = 'branch_branch' then decided.agreed.ship_to_id
            else decided.named_head_id
        end as debtor_id
    from decided
),

told as (
    select
        placed.*,
        nullif(
            concat_ws(
                ', ',
                case
                    when
                        ship_to.place <> case when pattern = 'head_head' then 'head' else 'branch' end
                        then 'delivery note ' || ship_to.no || ' goes to ' || ship_to.id
                end,
                case
                    when issuer.place <> case when pattern = 'head_head' then 'head' else 'branch' end
                        then 'goods receipt ' || issuer.no || ' comes from ' || issuer.id
                end,
                case
                    when buyer.id <> debtor_id
                        then 'invoice ' || buyer.no || ' over ' || buyer.amount || ' is made out to '
                            || buyer.id
                end,
                case
                    when party.id <> debtor_id
                        then 'statement ' || party.no || ' over ' || party.amount || ' is that of '
                            || party.id
                end,
                case
                    when payer.id <> debtor_id and payer.place is distinct from places.place
                        then 'payment ' || payer.no || ' over ' || payer.amount || ' comes from '
                            || payer.id
                end
            ),
            ''
        ) as contradictions
    from placed
    left join places on placed.debtor_id = places.customer_id and placed.known_on >= places.known_on
),

weighed as (
    select
        known_on, chain_id, order_no, pattern, agreed.ship_to_id as ship_to_id,
        case
            when pattern = agreed.pattern then agreed.order_account_id else agreed.ship_to_id
        end as order_account_id,
        debtor_id, agreed.agreement_id as agreement_id, agreed.is_inferred as is_inferred,
        agreed.term_kind as term_kind, agreed.term_days as term_days, agreed.batch_lag as batch_lag,
        agreed.pay_days as pay_days, agreed.statement_days as statement_days,
        agreed.grace_days as grace_days, agreed.basis_on as basis_on,
        agreed.evidence
        || case
            when agreed.is_inferred and len(voices) > 0
                then ', and from '
                    || concat_ws(
                        ', ',
                        'invoice ' || buyer.no, 'statement ' || party.no, 'payment ' || payer.no
                    )
            else ''
        end as evidence,
        nullif(
            concat_ws(
                '; ',
                agreed.conflict,
                case
                    when agreed.is_inferred then 'inferred '
                    else coalesce('agreement ' || agreed.agreement_id || ' says ', 'the agreements say ')
                end
                || pattern || ', ' || debtor_id || ' owes; but ' || contradictions
            ),
            ''
        ) as conflict,
        agreed.file_id as file_id, agreed.sheet as sheet, agreed.row_no as row_no
    from told
),

changes as (
    select
        *,
        lag(
            {
                'pattern': pattern, 'ship_to_id': ship_to_id, 'debtor_id': debtor_id,
                'agreement_id': agreement_id, 'basis_on': basis_on, 'conflict': conflict,
                'term_kind': term_kind, 'term_days': term_days, 'batch_lag': batch_lag,
                'pay_days': pay_days, 'statement_days': statement_days
            }
        ) over (partition by chain_id, order_no order by known_on) as before
    from weighed
),

final as (
    select new_agreed.* from new_agreed anti join told_by_papers using (chain_id, order_no)
    union all by name
    select * exclude (before)
    from changes
    where
        known_on >= getvariable('day_from')
        and {
            'pattern': pattern, 'ship_to_id': ship_to_id, 'debtor_id': debtor_id,
            'agreement_id': agreement_id, 'basis_on': basis_on, 'conflict': conflict,
            'term_kind': term_kind, 'term_days': term_days, 'batch_lag': batch_lag,
            'pay_days': pay_days, 'statement_days': statement_days
        } is distinct from before
)

select * from final
