-- One row per deduction line of a statement or remittance advice (deduction_id; chain_id, its
-- statement_no or advice_no, line_no) and day on which its verdict became known: what was taken, what
-- an agreement supports of it, and how much of the agreement is used in the month and year with it.
-- Amounts are positive when taken. What papers took before under the same agreement for the same
-- store (or the customer that the agreement names) counts first: a month's fee is supported once, a
-- percentage up to what the goods stated so far in the month give, a cap within its period. A line is
-- weighed when its paper comes (came_on), and anew when a paper before it is sent again.

with agreed as (
    select
        *,
        date_trunc('month', counted_on) as counted_month,
        year(counted_on) as counted_year
    from matched.agreed_deductions
    where known_on <= getvariable('day_until')
),

own as (
    select * from agreed where known_on >= getvariable('day_from')
),

-- versions of the papers, those without deductions included
paper_days as (
    select chain_id, 'statement' as paper_kind, statement_no as paper_no, known_on
    from staged.statements
    where known_on <= getvariable('day_until')
    union
    select chain_id, 'remittance_advice', advice_no, known_on
    from staged.remittance_advices
    where known_on <= getvariable('day_until')
),

versions as (
    select
        *,
        min(known_on) over (partition by chain_id, paper_kind, paper_no) as first_on,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, paper_kind, paper_no order by known_on
        ) as known_until
    from paper_days
),

-- papers and their lines have numbers here, the lines in the order in which they count, because
-- what follows sorts them again and again
placed as (
    select
        agreed.known_on, agreed.deduction_id, agreed.chain_id, agreed.paper_kind, agreed.paper_no,
        agreed.agreement_id, agreed.scope_id, agreed.counted_month, agreed.counted_year,
        agreed.basis, agreed.cap, agreed.cap_period, agreed.own_allowance, agreed.goods_paper_no,
        agreed.store_id, greatest(agreed.amount, 0) as wanted, versions.first_on,
        versions.known_until,
        row_number() over (
            order by
                versions.first_on, agreed.paper_no, agreed.paper_kind, agreed.line_no,
                agreed.known_on, agreed.deduction_id
        ) as place
    from agreed
    inner join versions using (chain_id, paper_kind, paper_no, known_on)
    where agreed.agreement_id is not null
),

-- agreements whose use papers that came again in the window may have changed
shaken as (
    select distinct chain_id, agreement_id, scope_id
    from placed
    where
        known_on > first_on and known_on >= getvariable('day_from')
        or known_until between getvariable('day_from') and getvariable('day_until')
),

placed_papers as (
    select distinct
        chain_id, agreement_id, scope_id, counted_year, paper_kind, paper_no, first_on, known_on,
        known_until
    from placed
    semi join shaken using (chain_id, agreement_id, scope_id)
),

-- from such a day on a paper counts for what it says now, and no longer for what it said
resendings as (
    select *, known_on as resent_on from placed_papers where known_on > first_on
    union
    select *, known_until from placed_papers where known_until <= getvariable('day_until')
),

weighed_anew as (
    select distinct
        papers.chain_id, papers.agreement_id, papers.scope_id, papers.counted_year,
        papers.paper_kind, papers.paper_no, papers.first_on, papers.known_on as came_on,
        resendings.resent_on
    from placed_papers as papers
    inner join resendings
        on
            papers.chain_id = resendings.chain_id
            and papers.agreement_id = resendings.agreement_id
            and papers.scope_id = resendings.scope_id
            and papers.known_on < resendings.resent_on
            and papers.known_until > resendings.resent_on
    where
        (resendings.first_on, resendings.paper_no, resendings.paper_kind)
        < (papers.first_on, papers.paper_no, papers.paper_kind)
),

judged_papers as (
    select
        *,
        dense_rank() over (
            order by chain_id, paper_kind, paper_no, known_on, agreement_id, scope_id
        ) as judged_id
    from (
        select distinct
            own.chain_id, own.agreement_id, own.scope_id, own.counted_year, own.paper_kind,
            own.paper_no, versions.first_on, own.known_on as came_on, own.known_on
        from own
        inner join versions using (chain_id, paper_kind, paper_no, known_on)
        where own.agreement_id is not null
        union
        select * rename (resent_on as known_on) from weighed_anew
        union
        select * exclude (resent_on), came_on as known_on from weighed_anew
    )
),

-- what counts for a paper: its own lines, and those that stood then of papers known before it
counted as (
    select
        papers.judged_id, papers.known_on as judged_on, papers.came_on, lines.place,
        lines.deduction_id, lines.counted_month, lines.counted_year, lines.basis, lines.cap,
        lines.own_allowance, lines.goods_paper_no, lines.store_id, lines.wanted,
        lines.paper_kind = papers.paper_kind and lines.paper_no = papers.paper_no as is_own,
        case lines.cap_period
            when 'year' then cast(lines.counted_year as varchar)
            when 'month' then strftime(lines.counted_month, '%Y-%m')
            else lines.paper_kind || lines.paper_no
        end as cap_key,
        lines.basis <> 'fixed_per_event' and lines.cap_period not in ('month', 'year')
            as is_capped_first
    from judged_papers as papers
    inner join placed as lines
        on
            papers.chain_id = lines.chain_id
            and papers.agreement_id = lines.agreement_id
            and papers.scope_id = lines.scope_id
            and papers.counted_year = lines.counted_year
            and papers.known_on >= lines.known_on
    where
        papers.known_on < lines.known_until
        and (lines.first_on, lines.paper_no, lines.paper_kind)
        <= (papers.first_on, papers.paper_no, papers.paper_kind)
),

-- the goods of a statement give their allowance once, however many lines take the fee
allowances as (
    select
        *,
        case
            when row_number() over (
                partition by judged_id, counted_month, goods_paper_no, store_id
                order by place
            ) = 1
                then own_allowance
            else 0
        end as new_allowance
    from counted
),

-- what the month gives so far
limits as (
    select
        *,
        row_number() over (partition by judged_id order by place) as line_no,
        sum(wanted) over (partition by judged_id, cap_key) as wanted_of_paper,
        case basis
            when 'fixed_per_month' then max(own_allowance) over so_far
            else sum(new_allowance) over so_far
        end as limit_so_far
    from allowances
    window so_far as (
        partition by judged_id, counted_month
        order by place
        rows between unbounded preceding and current row
    )
),

one_by_one as (
    select * from settled.steps.deductions_one_by_one
),

-- a line that a cap or its month refuses in part wants no more than it gets
within_papers as (
    select limits.* replace (coalesce(one_by_one.part, limits.wanted) as wanted)
    from limits
    left join one_by_one
        on limits.judged_id = one_by_one.judged_id and limits.line_no = one_by_one.line_no
),

limited as (
    select *, sum(wanted) over so_far as wanted_so_far
    from within_papers
    window so_far as (
        partition by judged_id, counted_month
        order by place
        rows between unbounded preceding and current row
    )
),

-- used(k) = least(used(k - 1) + wanted(k), limit(k)), written without recursion
used as (
    select
        *,
        wanted_so_far + least(0, min(limit_so_far - wanted_so_far) over so_far) as used_so_far
    from limited
    window so_far as (
        partition by judged_id, counted_month
        order by place
        rows between unbounded preceding and current row
    )
),

-- an event is its line; other fees share their month
within_basis as (
    select
        * exclude (wanted_so_far),
        case
            when basis = 'fixed_per_event' then least(wanted, own_allowance)
            else used_so_far - coalesce(lag(used_so_far) over this_month, 0)
        end as basis_amount,
        case
            when basis = 'fixed_per_event' then own_allowance
            else limit_so_far - coalesce(lag(used_so_far) over this_month, 0)
        end as basis_room
    from used
    window this_month as (
        partition by judged_id, counted_month
        order by place
    )
),

capped as (
    select
        *,
        sum(basis_amount) over so_far as basis_so_far,
        max(coalesce(cap, 9999999999999)) over so_far as cap_so_far
    from within_basis
    window so_far as (
        partition by judged_id, cap_key
        order by place
        rows between unbounded preceding and current row
    )
),

cap_used as (
    select
        *,
        basis_so_far + least(0, min(cap_so_far - basis_so_far) over so_far) as cap_used_so_far
    from capped
    window so_far as (
        partition by judged_id, cap_key
        order by place
        rows between unbounded preceding and current row
    )
),

within_cap as (
    select
        *,
        cap_used_so_far - coalesce(lag(cap_used_so_far) over in_period, 0) as within_amount,
        least(
            basis_room, cap_so_far - coalesce(lag(cap_used_so_far) over in_period, 0)
        ) as room
    from cap_used
    window in_period as (
        partition by judged_id, cap_key
        order by place
    )
),

to_date as (
    select
        judged_on as known_on, came_on, deduction_id, is_own, within_amount, room,
        sum(within_amount) over (
            partition by judged_id, counted_month
            order by place
            rows between unbounded preceding and current row
        ) as month_to_date,
        sum(within_amount) over (
            partition by judged_id, counted_year
            order by place
            rows between unbounded preceding and current row
        ) as year_to_date
    from within_cap
),

weighings as (
    select * exclude (is_own) from to_date where is_own
    union all by name
    select known_on, known_on as came_on, deduction_id from own where agreement_id is null
),

judged as (
    select
        lines.* exclude (known_on), weighings.known_on, weighings.came_on,
        agreed.agreement_id, agreed.agreed_kind, agreed.basis, agreed.rate_or_amount, agreed.cap,
        agreed.cap_period, agreed.units, agreed.rivals, agreed.missed, agreed.notice_no,
        agreed.announced_on, agreed.own_allowance,
        weighings.month_to_date, weighings.year_to_date, greatest(weighings.room, 0) as room,
        cast(
            case
                when lines.amount <= 0 then lines.amount
                else least(lines.amount, coalesce(weighings.within_amount, 0))
            end as decimal(18, 2)
        ) as supported_amount
    from weighings
    inner join matched.deduction_lines as lines
        on weighings.deduction_id = lines.deduction_id and weighings.came_on = lines.known_on
    inner join agreed
        on weighings.deduction_id = agreed.deduction_id and weighings.came_on = agreed.known_on
),

-- weighed anew with the same outcome is no news
told as (
    select *
    from judged
    qualify
        known_on >= getvariable('day_from')
        and (
            known_on = came_on
            or (supported_amount, month_to_date, year_to_date, room)
            is distinct from lag((supported_amount, month_to_date, year_to_date, room)) over (
                partition by deduction_id, came_on order by known_on
            )
        )
),

-- how much the agreement would allow, in words
worded as (
    select
        *,
        case basis
            when 'percent_of_net_purchases'
                then rtrim(rtrim(cast(rate_or_amount as varchar), '0'), '.') || '% of '
                    || cast(goods_amount as varchar) || ' net purchases'
            when 'fixed_per_month'
                then cast(own_allowance as varchar) || ' a month'
            when 'fixed_per_event'
                then cast(own_allowance as varchar) || ' an event'
            when 'per_unit'
                then rtrim(rtrim(cast(rate_or_amount as varchar), '0'), '.') || ' for each of '
                    || rtrim(rtrim(cast(coalesce(units, 0) as varchar), '0'), '.') || ' units'
        end
        || case
            when cap is not null
                then ', at most ' || cast(cap as varchar) || ' a ' || cap_period
            else ''
        end as terms,
        cast(month_to_date - supported_amount as decimal(18, 2)) as used_this_month
    from told
),

final as (
    select
        known_on, came_on, deduction_id, chain_id, debtor_id, store_id, paper_kind, statement_no,
        advice_no, line_no, stated_on, counted_on, fee_code, fee_name, fee_category, coded_by,
        coalesce(said_kind, agreed_kind, code_kind, 'cash_deducted') as deduction_kind,
        amount, agreement_id, rivals, notice_no,
        cast(case when agreement_id is not null then room end as decimal(18, 2)) as allowed_amount,
        supported_amount,
        cast(amount - supported_amount as decimal(18, 2)) as disputed_amount,
        cast(month_to_date as decimal(18, 2)) as month_to_date,
        cast(year_to_date as decimal(18, 2)) as year_to_date,
        cap, cap_period,
        case
            when amount <= 0 then 'supported'
            when agreement_id is null then 'unsupported'
            when supported_amount < amount then 'above_agreement'
            else 'supported'
        end as verdict,
        case
            when amount <= 0 then 'a deduction given back'
            when agreement_id is null
                then 'no agreement for fee ' || coalesce(fee_code, fee_name, 'without a code')
                    || ' on ' || cast(stated_on as varchar)
                    || coalesce(' (' || missed || ')', '')
            else 'agreement ' || agreement_id || ' allows ' || terms
                || case
                    when used_this_month > 0
                        then ', ' || cast(used_this_month as varchar) || ' of it used before in '
                            || strftime(counted_on, '%Y-%m')
                    else ''
                end
                || case
                    when supported_amount < amount
                        then '; ' || cast(amount - supported_amount as varchar) || ' too much'
                    else ''
                end
        end
        || coalesce('; other terms for the same fee stand in ' || rivals, '')
        || coalesce(
            '; announced by notice ' || notice_no || ' on ' || cast(announced_on as varchar), ''
        ) as evidence,
        file_id, sheet, row_no
    from worded
)

select * from final
