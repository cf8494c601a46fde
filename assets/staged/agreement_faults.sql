-- One row per closed day (as_of) and fault of the agreements known by then, about settlement or fees,
-- in a sentence: two equally specific ones that hold on the same days (about a fee: with other terms),
-- a customer or debtor that nobody knows or that belongs to another chain.

with days as (
    select unnest(getvariable('days')) as as_of
),

agreement_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by agreement_id order by known_on
        ) as known_until
    from staged.settlement_agreements
    where known_on <= getvariable('day_until')
),

customer_versions as (
    select * from staged.steps.customer_versions
),

agreements as (
    select
        days.as_of, versions.agreement_id, versions.chain_id, versions.customer_id,
        versions.debtor_id, versions.valid_from,
        coalesce(versions.valid_to, date '9999-12-31') as valid_to,
        -- a store is more specific than its region, whether or not the region is named too
        versions.chain_id || '|'
        || coalesce('store ' || versions.customer_id, 'region ' || versions.region, '') || '|'
        || coalesce(versions.category, '') as aim,
        versions.file_id, versions.sheet, versions.row_no
    from agreement_versions as versions
    inner join days on days.as_of >= versions.known_on and days.as_of < versions.known_until
),

overlapping as (
    select
        one.as_of, one.chain_id, 'overlap' as fault, one.agreement_id,
        other.agreement_id as other_id,
        'Agreements ' || one.agreement_id || ' and ' || other.agreement_id || ' of ' || one.chain_id
        || ' are equally specific and both hold from ' || greatest(one.valid_from, other.valid_from)
        || case
            when least(one.valid_to, other.valid_to) < date '9999-12-31'
                then ' to ' || least(one.valid_to, other.valid_to)
            else ' on'
        end
        || '; what they say differently holds for nobody. End one of them before the other begins.'
        as sentence,
        one.file_id, one.sheet, one.row_no
    from agreements as one
    inner join agreements as other
        on
            one.as_of = other.as_of
            and one.aim = other.aim
            and one.agreement_id < other.agreement_id
            and one.valid_from <= other.valid_to
            and other.valid_from <= one.valid_to
),

fee_versions as (
    select * from staged.steps.deduction_agreement_versions
),

fees as (
    select
        days.as_of, versions.agreement_id, versions.chain_id, versions.customer_id,
        versions.fee_code, versions.valid_from,
        coalesce(versions.valid_to, date '9999-12-31') as valid_to,
        versions.chain_id || '|' || versions.fee_code || '|' || coalesce(versions.customer_id, '')
            as aim,
        {
            'basis': versions.basis, 'rate': versions.rate_or_amount, 'kind': versions.kind,
            'cap': versions.cap, 'cap_period': coalesce(versions.cap_period, 'statement')
        } as terms,
        versions.file_id, versions.sheet, versions.row_no
    from fee_versions as versions
    inner join days on days.as_of >= versions.known_from and days.as_of < versions.known_until
),

-- as a deduction is held against them: the one that begins later counts, then the smaller id
overlapping_fees as (
    select
        one.as_of, one.chain_id, 'overlap' as fault, one.agreement_id,
        other.agreement_id as other_id,
        'Agreements ' || one.agreement_id || ' and ' || other.agreement_id || ' of ' || one.chain_id
        || ' about fee ' || one.fee_code || ' are equally specific and both hold from '
        || greatest(one.valid_from, other.valid_from)
        || case
            when least(one.valid_to, other.valid_to) < date '9999-12-31'
                then ' to ' || least(one.valid_to, other.valid_to)
            else ' on'
        end
        || '; '
        || case when other.valid_from > one.valid_from then other.agreement_id
            else one.agreement_id end
        || ' counts. End one of them before the other begins.'
        as sentence,
        one.file_id, one.sheet, one.row_no
    from fees as one
    inner join fees as other
        on
            one.as_of = other.as_of
            and one.aim = other.aim
            and one.agreement_id < other.agreement_id
            and one.valid_from <= other.valid_to
            and other.valid_from <= one.valid_to
    where one.terms is distinct from other.terms
),

named as (
    select
        as_of, chain_id, agreement_id, 'customer' as role, customer_id as named_id,
        file_id, sheet, row_no
    from agreements
    where customer_id is not null
    union all
    select as_of, chain_id, agreement_id, 'debtor', debtor_id, file_id, sheet, row_no
    from agreements
    where debtor_id is not null
    union all
    select as_of, chain_id, agreement_id, 'fee_customer', customer_id, file_id, sheet, row_no
    from fees
    where customer_id is not null
),

known as (
    select named.*, customers.chain_id as own_chain_id
    from named
    left join customer_versions as customers
        on
            named.named_id = customers.customer_id
            and named.as_of >= customers.known_from
            and named.as_of < customers.known_until
),

-- a store that went to another chain stays the customer of its old agreements
former as (
    select distinct chain_id, customer_id, min(known_on) as known_on
    from staged.customers
    where known_on <= getvariable('day_until')
    group by chain_id, customer_id
),

strangers as (
    select
        known.as_of, known.chain_id,
        case when known.own_chain_id is null then 'unknown_' else 'foreign_' end
        || case known.role when 'debtor' then 'debtor' else 'customer' end as fault,
        known.agreement_id, known.named_id as other_id,
        'Agreement ' || known.agreement_id || ' names ' || known.named_id || ' as '
        || case known.role
            when 'customer' then 'the store that it binds'
            when 'debtor' then 'the one who owes'
            else 'the one who may deduct'
        end
        || case
            when known.own_chain_id is null then ', but no customers file knows it'
            else ', but it is a customer of ' || known.own_chain_id || ', not of ' || known.chain_id
        end
        || '. Correct the number, or send the customer.' as sentence,
        known.file_id, known.sheet, known.row_no
    from known
    left join former
        on
            known.chain_id = former.chain_id
            and known.named_id = former.customer_id
            and known.as_of >= former.known_on
    where former.customer_id is null
),

final as (
    select * from overlapping
    union all
    select * from overlapping_fees
    union all
    select * from strangers
)

select * from final
