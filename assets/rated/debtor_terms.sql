-- One row per closed day and customer that owes by agreement (as_of, customer_id): the term, in
-- days, and the grace under which most stores that settle with it stand that day.
-- Equally many stores: the shorter term, then the shorter grace. Terms without days are left out.

with days as (
    select unnest(getvariable('days')) as as_of
),

versions as (
    select
        store_id, known_on,
        lead(known_on, 1, date '9999-12-31') over (partition by store_id order by known_on)
            as known_until
    from (
        select distinct store_id, known_on
        from staged.store_terms
        where known_on <= getvariable('day_until') and not coalesce(is_former, false)
    )
),

terms as (
    select
        terms.store_id, terms.debtor_id, terms.term_days, terms.grace_days,
        terms.valid_from, terms.valid_to,
        versions.known_on as known_from, versions.known_until
    from staged.store_terms as terms
    inner join versions
        on terms.store_id = versions.store_id and terms.known_on = versions.known_on
    where terms.agreement_id is not null and terms.term_days is not null
),

counted as (
    select
        days.as_of, terms.debtor_id as customer_id, terms.term_days, terms.grace_days,
        count(*) as stores
    from days
    inner join terms
        on
            days.as_of >= terms.known_from
            and days.as_of < terms.known_until
            and days.as_of between terms.valid_from and terms.valid_to
    group by all
),

final as (
    select as_of, customer_id, term_days, grace_days, stores
    from counted
    qualify row_number() over (
        partition by as_of, customer_id order by stores desc, term_days, grace_days
    ) = 1
)

select * from final
