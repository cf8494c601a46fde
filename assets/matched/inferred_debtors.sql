-- One row per open order (chain_id, order_no) and day on which its papers began or ceased to name
-- another debtor than its place in the chain does. Only where no agreement is valid do papers
-- decide: what most of invoice, statement and payer say, as in settled.settlements. `debtor_id` is
-- null from the day on which the terms of the store stand again.

with changed_terms as (
    select distinct chain_id
    from staged.store_terms
    where known_on between getvariable('day_from') and getvariable('day_until')
),

all_states as not materialized (
    select known_on, chain_id, order_no, ship_to_id, category, settled_on
    from matched.open_orders
    where known_on <= getvariable('day_until') and is_open
),

money_evidence as not materialized (
    select
        known_on, chain_id, order_no, buyer_id, buyer_place, party_id, party_place, payer_id,
        payer_place
    from matched.pattern_evidence
    where
        known_on <= getvariable('day_until')
        and coalesce(buyer_place, party_place, payer_place) is not null
),

touched as (
    select chain_id, order_no from all_states where known_on >= getvariable('day_from')
    union
    select chain_id, order_no from money_evidence where known_on >= getvariable('day_from')
    union
    select chain_id, order_no
    from all_states
    semi join changed_terms using (chain_id)
    where known_on < getvariable('day_from')
),

terms as materialized (
    select * from staged.steps.store_term_versions
),

-- orders that some version of the terms leaves without an agreement, and of which papers speak
in_question as materialized (
    select distinct states.chain_id, states.order_no
    from all_states as states
    semi join touched using (chain_id, order_no)
    semi join money_evidence using (chain_id, order_no)
    inner join (select * from terms where is_inferred and pattern <> 'head_head') as inferred
        on
            states.chain_id = inferred.chain_id
            and states.ship_to_id = inferred.store_id
            and states.settled_on between inferred.valid_from and inferred.valid_to
),

states as (
    select * from all_states semi join in_question using (chain_id, order_no)
),

evidence as (
    select * from money_evidence semi join in_question using (chain_id, order_no)
),

days as (
    select known_on, chain_id, order_no from states
    union
    select known_on, chain_id, order_no from evidence
    union
    select terms.known_from, states.chain_id, states.order_no
    from states
    inner join terms
        on
            states.chain_id = terms.chain_id
            and states.ship_to_id = terms.store_id
            and states.known_on < terms.known_from
),

known as (
    select
        days.known_on, days.chain_id, days.order_no,
        last_value(
            case
                when states.order_no is not null
                    then {
                        'ship_to_id': states.ship_to_id, 'category': states.category,
                        'settled_on': states.settled_on
                    }
            end
            ignore nulls
        ) over by_then as state,
        last_value(
            case
                when evidence.buyer_id is not null
                    then {'id': evidence.buyer_id, 'place': evidence.buyer_place}
            end
            ignore nulls
        ) over by_then as buyer,
        last_value(
            case
                when evidence.party_id is not null
                    then {'id': evidence.party_id, 'place': evidence.party_place}
            end
            ignore nulls
        ) over by_then as party,
        last_value(
            case
                when evidence.payer_id is not null
                    then {'id': evidence.payer_id, 'place': evidence.payer_place}
            end
            ignore nulls
        ) over by_then as payer
    from days
    left join states using (known_on, chain_id, order_no)
    left join evidence using (known_on, chain_id, order_no)
    window by_then as (
        partition by days.chain_id, days.order_no order by days.known_on
        rows between unbounded preceding and current row
    )
),

voiced as (
    select
        *,
        voiced_pattern(buyer.place, party.place, payer.place) as pattern,
        case
            when buyer.place = 'head' then buyer.id
            when party.place = 'head' then party.id
            when payer.place = 'head' then payer.id
        end as named_head_id
    from known
    where state is not null
),

-- terms for the order's category come before those for every other category
resolved as (
    select
        voiced.known_on, voiced.chain_id, voiced.order_no,
        case
            when
                terms.is_inferred and terms.pattern <> 'head_head'
                and voiced.pattern <> terms.pattern
                then
                    case
                        when voiced.pattern = 'branch_branch' then voiced.state.ship_to_id
                        else voiced.named_head_id
                    end
        end as debtor_id
    from voiced
    inner join terms
        on
            voiced.chain_id = terms.chain_id
            and voiced.state.ship_to_id = terms.store_id
            and voiced.known_on >= terms.known_from
            and voiced.known_on < terms.known_until
            and voiced.state.settled_on between terms.valid_from and terms.valid_to
            and (terms.category is null or terms.category = voiced.state.category)
    qualify
        row_number() over (
            partition by voiced.known_on, voiced.chain_id, voiced.order_no
            order by terms.category is null
        ) = 1
),

changes as (
    select
        *,
        lag(debtor_id) over (partition by chain_id, order_no order by known_on) as debtor_before
    from resolved
),

final as (
    select known_on, chain_id, order_no, debtor_id
    from changes
    where known_on >= getvariable('day_from') and debtor_id is distinct from debtor_before
)

select * from final
