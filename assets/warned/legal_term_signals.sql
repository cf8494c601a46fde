-- One row per closed day and debtor whose terms are beyond the legal ceiling (as_of, customer_id), for
-- either of two reasons, each with its rule: an agreement in force allows more than policy's days
-- (60) between receipt and payment (order 17 of 2006, article 14: agreed terms at most 60 days after
-- receipt), or goods are unpaid more than so many days after receipt (order 802, from policy's day,
-- 2025-06-01: large buyers pay small suppliers within 60 days of delivery unless reasonably agreed
-- otherwise). A monthly term gives goods of the first of a month policy's days more (30). An invoice's
-- date stands in where no receipt's is known. CNY.

with policy as (
    select unnest(getvariable('policy').warnings)
),

days as (
    select unnest(getvariable('days')) as as_of
),

versions as (
    select
        chain_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id order by known_on
        ) as known_until
    from (
        select distinct chain_id, known_on
        from staged.store_terms
        where known_on <= getvariable('day_until')
    )
),

agreed as (
    select
        days.as_of, terms.debtor_id, terms.agreement_id, terms.term_kind, terms.term_days,
        terms.term_days
        + case when terms.term_kind = 'monthly' then policy.legal_term_month_days else 0 end
            as longest,
        count(distinct terms.store_id) as stores
    from days
    cross join policy
    inner join versions on days.as_of >= versions.known_on and days.as_of < versions.known_until
    inner join staged.store_terms as terms
        on
            versions.chain_id = terms.chain_id
            and versions.known_on = terms.known_on
            and days.as_of >= terms.valid_from
            and days.as_of <= coalesce(terms.valid_to, date '9999-12-31')
    where
        terms.term_kind in ('monthly', 'receipt', 'invoice')
        and terms.term_days is not null
        and not coalesce(terms.is_former, false)
    group by all
),

too_long as (
    select
        agreed.as_of, agreed.debtor_id as customer_id,
        string_agg(
            agreement_id || ' allows up to ' || cast(longest as varchar) || ' days after '
            || case term_kind when 'invoice' then 'the invoice' else 'receipt' end
            || ' (' || term_kind || ' ' || cast(term_days as varchar) || ')',
            '; '
            order by agreement_id
        ) as agreed
    from agreed
    cross join policy
    where longest > policy.legal_term_days
    group by agreed.as_of, agreed.debtor_id
),

unpaid as (
    select
        open_items.as_of, open_items.debtor_id as customer_id,
        sum(open_items.balance) as amount, min(open_items.document_on) as oldest_on
    from settled.open_items
    cross join policy
    where
        open_items.as_of between getvariable('day_from') and getvariable('day_until')
        and open_items.item_kind in ('invoice', 'uninvoiced')
        and open_items.balance > 0
        and open_items.document_on < open_items.as_of - policy.legal_term_days
        and open_items.document_on >= policy.legal_term_since - policy.legal_term_days
    group by open_items.as_of, open_items.debtor_id
    having sum(open_items.balance) >= any_value(policy.legal_term_least)
),

final as (
    select
        as_of, customer_id,
        case
            when too_long.agreed is not null and unpaid.amount is not null then 'high'
            else 'medium'
        end as severity,
        too_long.agreed is not null as is_agreed_too_long, unpaid.amount as unpaid_amount,
        concat_ws(
            '; ',
            too_long.agreed || ': order 17 of 2006 caps agreed terms at '
            || cast(policy.legal_term_days as varchar) || ' days after receipt',
            format('{:,.2f}', unpaid.amount) || ' is open more than '
            || cast(policy.legal_term_days as varchar) || ' days, the oldest since '
            || cast(unpaid.oldest_on as varchar)
            || ': order 802 makes large buyers pay small suppliers within '
            || cast(policy.legal_term_days as varchar) || ' days of delivery'
        ) as evidence
    from too_long
    full join unpaid using (as_of, customer_id)
    cross join policy
)

select * from final
