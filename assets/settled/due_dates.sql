-- One row per term in use (term_kind, term_days, pay_days, statement_days) and base date: when it
-- falls due, and why in words. Monthly terms start at the end of the base date's period: its first
-- statement day on or after, without statement days the last day of the month. All others start at
-- the base date: the receipt, the hand-over, the receipt that releases a batch, the end of the
-- period of which sales were reported. Then comes the first pay day on or after (a day past the end
-- of a month is its last day), and from there the next working day. Without pay days the computed
-- date stands. A reference table, replaced whole.

with terms as (
    select distinct term_kind, term_days, pay_days, statement_days
    from staged.store_terms
    where term_kind is not null and term_days is not null
),

base_days as (
    select
        day as base_on,
        [
            cast(date_trunc('month', day) as date),
            cast(date_trunc('month', day) + interval 1 month as date)
        ] as months
    from staged.calendar
),

-- a day of the list that a month does not have is the last day of that month
started as (
    select
        terms.*,
        base_days.base_on,
        case
            when terms.term_kind <> 'monthly' then base_days.base_on
            when len(terms.statement_days) = 0 then last_day(base_days.base_on)
            else
                list_min(
                    list_filter(
                        flatten(
                            list_transform(
                                base_days.months,
                                lambda month: list_transform(
                                    terms.statement_days,
                                    lambda number: cast(
                                        month + to_days(least(number, day(last_day(month))) - 1)
                                        as date
                                    )
                                )
                            )
                        ),
                        lambda ends_on: ends_on >= base_days.base_on
                    )
                )
        end as counted_from
    from terms
    cross join base_days
),

computed as (
    select *, cast(counted_from + to_days(term_days) as date) as computed_on
    from started
),

months as (
    select
        *,
        [
            cast(date_trunc('month', computed_on) as date),
            cast(date_trunc('month', computed_on) + interval 1 month as date)
        ] as months
    from computed
),

-- the pay days of the computed date's month and of the month after
pay_dates as (
    select
        * exclude (months),
        list_min(
            list_filter(
                flatten(
                    list_transform(
                        months,
                        lambda month: list_transform(
                            pay_days,
                            lambda number: cast(
                                month + to_days(least(number, day(last_day(month))) - 1) as date
                            )
                        )
                    )
                ),
                lambda pay_on: pay_on >= computed_on
            )
        ) as pay_on
    from months
),

dated as (
    select
        pay_dates.*,
        case
            when pay_dates.pay_on is null then pay_dates.computed_on
            else coalesce(calendar.next_working_on, pay_dates.pay_on)
        end as due_on
    from pay_dates
    left join staged.calendar on pay_dates.pay_on = calendar.day
),

final as (
    select
        *,
        case when term_kind = 'monthly' then 'the period ends ' else 'from ' end || counted_from
        || ', plus ' || term_days || ' days is ' || computed_on
        || case
            when pay_on is null then ', no pay days'
            else ', the pay day is ' || pay_on
        end
        || case
            when due_on > pay_on then ', no working day, so ' || due_on
            else ''
        end as explanation,
        case when term_kind = 'monthly' then '账期截止 ' else '自 ' end || counted_from
        || '，加 ' || term_days || ' 天为 ' || computed_on
        || case when pay_on is null then '，无付款日' else '，付款日 ' || pay_on end
        || case
            when due_on > pay_on then '，遇休息日顺延至 ' || due_on
            else ''
        end as explanation_zh
    from dated
)

select * from final
