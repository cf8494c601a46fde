-- One row per closed day and customer that owes by agreement (as_of, customer_id): the term, in
-- days, and the grace under which most stores that settle with it stand that day.
-- Equally many stores: the shorter term, then the shorter grace. Terms without days are left out.

with days as (
    select unnest(getvariable('days')) as as_of
),

terms as (
    select * from staged.steps.own_store_term_versions
    where agreement_id is not null and term_days is not null
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
