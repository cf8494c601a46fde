-- One row per closed day and debtor whose debt is about to be barred, or is (as_of, customer_id;
-- Civil Code, article 188: three years; article 195: a payment, a promise to pay or a signed
-- confirmation of the balance begins them anew). The clock of a debtor begins on the due date of its
-- oldest open item, or later on the day of its last payment, promise or confirmation. A payment is that
-- of the debtor for whom it was found to be, by account, name or decision. Medium from policy's
-- first number of days before the end, high from the second. CNY.

with policy as (
    select unnest(getvariable('policy').warnings)
),

due as (
    select
        open_items.as_of, open_items.debtor_id, min(open_items.due_on) as due_on,
        sum(open_items.balance) as amount
    from settled.open_items
    cross join policy
    where
        open_items.as_of between getvariable('day_from') and getvariable('day_until')
        and open_items.balance > 0
        and open_items.due_on
        <= open_items.as_of - interval 3 year + to_days(policy.limitation_first_days)
    group by open_items.as_of, open_items.debtor_id
),

-- a payment found to be another's is no longer the first one's
payments as (
    select
        debtor_id, greatest(known_on, received_on) as counts_on, received_on as on_day, amount,
        lead(known_on, 1, date '9999-12-31') over (
            partition by account_no, transaction_no order by known_on
        ) as counts_until
    from settled.payers
    where known_on <= getvariable('day_until')
),

promises as (
    select
        customer_id as debtor_id, greatest(known_on, promised_on) as counts_on,
        promised_on as on_day
    from staged.promises
    where known_on <= getvariable('day_until')
),

-- a version of a confirmation counts until the next one
confirmations as (
    select
        customer_id as debtor_id, greatest(known_on, confirmed_on) as counts_on,
        confirmed_on as on_day, amount,
        lead(known_on, 1, date '9999-12-31') over (
            partition by customer_id, confirmed_on order by known_on
        ) as counts_until
    from staged.confirmations
    where known_on <= getvariable('day_until')
),

renewals as (
    select 'payment' as kind, debtor_id, counts_on, on_day, counts_until
    from payments
    where debtor_id is not null and amount > 0
    union all
    select 'promise', debtor_id, counts_on, on_day, date '9999-12-31' from promises
    union all
    select 'signed confirmation', debtor_id, counts_on, on_day, counts_until
    from confirmations
    where amount > 0
),

last_renewals as (
    select
        due.as_of, due.debtor_id, max(renewals.on_day) as renewed_on,
        max_by(renewals.kind, (renewals.on_day, renewals.kind)) as kind
    from due
    inner join renewals
        on
            due.debtor_id = renewals.debtor_id
            and due.as_of >= renewals.counts_on
            and due.as_of < renewals.counts_until
    group by due.as_of, due.debtor_id
),

clocks as (
    select
        due.*, last_renewals.renewed_on, last_renewals.kind,
        greatest(due.due_on, last_renewals.renewed_on) as begins_on,
        cast(greatest(due.due_on, last_renewals.renewed_on) + interval 3 year as date) as ends_on
    from due
    left join last_renewals using (as_of, debtor_id)
),

final as (
    select
        as_of, debtor_id as customer_id,
        case when ends_on - as_of <= policy.limitation_last_days then 'high' else 'medium' end
            as severity,
        begins_on, ends_on,
        format('{:,.2f}', amount) || ' is due since ' || cast(due_on as varchar) || ' or later; '
        || case
            when begins_on = due_on and coalesce(renewed_on <= due_on, true)
                then 'no payment, promise or signed confirmation since'
            else 'the last ' || kind || ' was on ' || cast(renewed_on as varchar)
        end
        || ', so the claim '
        || case when ends_on < as_of then 'was barred on ' else 'is barred after ' end
        || cast(ends_on as varchar)
        || case
            when ends_on >= as_of then ' (' || cast(ends_on - as_of as varchar) || ' days left)'
            else ''
        end
        || ': Civil Code, article 188' as evidence
    from clocks
    cross join policy
    where ends_on - as_of <= policy.limitation_first_days
)

select * from final
