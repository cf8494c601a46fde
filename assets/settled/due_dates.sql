-- One row per term in use (term_kind, term_days, pay_days) and base date: when it falls due.
-- Monthly terms start at the end of the base date's month, receipt and invoice terms at the base
-- date. Then comes the first pay day on or after (a pay day past the end of a month is its last
-- day), and from there the next working day. Without pay days the computed date stands.
-- A reference table, replaced whole. Batch and consignment terms have no row: they do not run.

with terms as (
    select distinct term_kind, term_days, pay_days
    from staged.store_terms
    where term_kind in ('monthly', 'invoice', 'receipt') and term_days is not null
),

base_days as (
    select day as base_on from staged.calendar
),

computed as (
    select
        terms.term_kind, terms.term_days, terms.pay_days, base_days.base_on,
        cast(
            case
                when terms.term_kind = 'monthly' then last_day(base_days.base_on)
                else base_days.base_on
            end + to_days(terms.term_days) as date
        ) as computed_on
    from terms
    cross join base_days
),

-- the pay days of the computed date's month and of the month after
pay_dates as (
    select
        terms.pay_days, months.month_on,
        unnest(
            list_transform(
                terms.pay_days,
                lambda pay_day: cast(
                    months.month_on
                    + to_days(least(pay_day, day(last_day(months.month_on))) - 1) as date
                )
            )
        ) as pay_on
    from (select distinct pay_days from terms where len(pay_days) > 0) as terms
    cross join (select day as month_on from staged.calendar where day(day) = 1) as months
),

next_pay_dates as (
    select terms.pay_days, days.day as computed_on, min(pay_dates.pay_on) as pay_on
    from (select distinct pay_days from terms where len(pay_days) > 0) as terms
    cross join staged.calendar as days
    inner join pay_dates
        on
            terms.pay_days = pay_dates.pay_days
            and pay_dates.month_on in (
                cast(date_trunc('month', days.day) as date),
                cast(date_trunc('month', days.day) + interval 1 month as date)
            )
            and pay_dates.pay_on >= days.day
    group by terms.pay_days, days.day
),

final as (
    select
        computed.term_kind, computed.term_days, computed.pay_days, computed.base_on,
        computed.computed_on, next_pay_dates.pay_on,
        case
            when len(computed.pay_days) = 0 then computed.computed_on
            else coalesce(calendar.next_working_on, next_pay_dates.pay_on)
        end as due_on
    from computed
    left join next_pay_dates
        on
            computed.pay_days = next_pay_dates.pay_days
            and computed.computed_on = next_pay_dates.computed_on
    left join staged.calendar on next_pay_dates.pay_on = calendar.day
    where len(computed.pay_days) = 0 or next_pay_dates.pay_on is not null
)

select * from final
