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

months as (
    select
        *,
        cast(date_trunc('month', computed_on) as date) as month_on,
        cast(date_trunc('month', computed_on) + interval 1 month as date) as next_month_on
    from computed
),

-- the pay days of the computed date's month and of the month after
pay_dates as (
    select
        * exclude (month_on, next_month_on),
        list_min(
            list_filter(
                list_concat(
                    list_transform(
                        pay_days,
                        lambda pay_day: cast(
                            month_on + to_days(least(pay_day, day(last_day(month_on))) - 1) as date
                        )
                    ),
                    list_transform(
                        pay_days,
                        lambda pay_day: cast(
                            next_month_on
                            + to_days(least(pay_day, day(last_day(next_month_on))) - 1) as date
                        )
                    )
                ),
                lambda pay_on: pay_on >= computed_on
            )
        ) as pay_on
    from months
),

final as (
    select
        pay_dates.*,
        case
            when pay_dates.pay_on is null then pay_dates.computed_on
            else coalesce(calendar.next_working_on, pay_dates.pay_on)
        end as due_on
    from pay_dates
    left join staged.calendar on pay_dates.pay_on = calendar.day
)

select * from final
