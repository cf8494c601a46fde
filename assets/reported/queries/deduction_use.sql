-- One row per deduction agreement and party whose deductions count against it in the year of the day:
-- what was taken and supported of it this month and this year, what its cap leaves, what is too much.

with versions as (
    select * from settled.deductions where known_on <= $as_of and agreement_id is not null
),

papers as (
    select chain_id, statement_no as paper_no, max(known_on) as came_on
    from staged.statements
    where known_on <= $as_of
    group by chain_id, statement_no
    union all
    select chain_id, advice_no, max(known_on)
    from staged.remittance_advices
    where known_on <= $as_of
    group by chain_id, advice_no
),

-- what the last version of a paper says, as weighed last
deductions as (
    select versions.*
    from versions
    inner join papers
        on
            versions.chain_id = papers.chain_id
            and coalesce(versions.statement_no, versions.advice_no) = papers.paper_no
            and versions.came_on = papers.came_on
    qualify row_number() over (
        partition by versions.deduction_id order by versions.known_on desc
    ) = 1
),

this_year as (
    select *, date_trunc('month', counted_on) = date_trunc('month', $as_of::date) as is_this_month
    from deductions
    where year(counted_on) = year($as_of::date)
),

agreement_versions as (
    select agreement_id, customer_id, known_on
    from staged.deduction_agreements
    where known_on <= $as_of
),

agreements as (
    select *
    from agreement_versions
    qualify row_number() over (partition by agreement_id order by known_on desc) = 1
),

-- an agreement is used up by the customer it names, else by each store for itself
placed as (
    select this_year.*, coalesce(agreements.customer_id, this_year.store_id) as customer_id
    from this_year
    left join agreements using (agreement_id)
),

used as (
    select
        agreement_id,
        chain_id,
        customer_id,
        min(coalesce(fee_name, fee_code)) as fee_name,
        max_by(cap, known_on) as cap,
        max_by(cap_period, known_on) as cap_period,
        coalesce(sum(amount) filter (where is_this_month), 0) as taken_this_month,
        coalesce(max(month_to_date) filter (where is_this_month), 0) as month_to_date,
        sum(amount) as taken_this_year,
        coalesce(max(year_to_date), 0) as year_to_date,
        sum(disputed_amount) as disputed
    from placed
    group by agreement_id, chain_id, customer_id
)

select
    agreement_id,
    chain_id,
    customer_id,
    fee_name,
    cap,
    if(cap is null, null, cap_period) as cap_period,
    cast(taken_this_month as decimal(18, 2)) as taken_this_month,
    cast(month_to_date as decimal(18, 2)) as month_to_date,
    cast(taken_this_year as decimal(18, 2)) as taken_this_year,
    cast(year_to_date as decimal(18, 2)) as year_to_date,
    cast(
        case cap_period
            when 'year' then cast(year_to_date as decimal(38, 2)) / nullif(cap, 0)
            when 'month' then cast(month_to_date as decimal(38, 2)) / nullif(cap, 0)
        end as decimal(18, 3)
    ) as cap_used,
    cast(disputed as decimal(18, 2)) as disputed
from used
order by cap_used desc nulls last, disputed desc, year_to_date desc, agreement_id, customer_id
