-- One row per closed day and rated customer (as_of, customer_id): its tier by score, and the limit
-- that tier, sales, term and approval allow, CNY. Limit = tier factor x average monthly sales x
-- term in months, at most what is approved, and never above the limit of its head office.
-- `limit_basis` says whose approval counts: `own`; `shared`, where only the head office has one;
-- `cash`, where there is none, or where the branches of the group have limits of their own and
-- this one has not. Before its first full month of sales a customer has what is approved.

with accounts as (
    select as_of, customer_id, group_id, level, first_sale_known_on
    from rated.accounts
    where as_of between getvariable('day_from') and getvariable('day_until') and is_rated
),

days as (
    select unnest(getvariable('days')) as as_of
),

scores as (
    select as_of, customer_id, cast(sum(points) as decimal(9, 2)) as score
    from rated.credit_scores
    where as_of between getvariable('day_from') and getvariable('day_until')
    group by as_of, customer_id
),

tiers as (
    select
        tier.name as credit_tier,
        cast(tier.at_least as decimal(9, 4)) as at_least,
        cast(tier.factor as decimal(9, 4)) as factor
    from (select unnest(getvariable('policy').credit.tiers) as tier)
),

approval_versions as (
    select
        * exclude (known_on), known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (partition by approval_id order by known_on)
            as known_until
    from staged.credit_approvals
    where known_on <= getvariable('day_until')
),

-- the newest approval counts, of one day's approvals the smaller id; one that ended is kept to
-- say so
approvals as (
    select
        days.as_of, versions.customer_id, versions.approval_id, versions.approved_limit,
        versions.term_days as approved_days, versions.valid_to,
        coalesce(versions.valid_to >= days.as_of, true) as is_valid
    from days
    inner join approval_versions as versions
        on
            days.as_of >= versions.known_from
            and days.as_of < versions.known_until
            and versions.approved_on <= days.as_of
    qualify row_number() over (
        partition by days.as_of, versions.customer_id
        order by is_valid desc, versions.approved_on desc, versions.approval_id
    ) = 1
),

scored as (
    select
        accounts.*, scores.score, tiers.credit_tier, tiers.factor,
        own.approval_id as own_approval_id, own.is_valid as has_own_approval,
        own.valid_to as own_valid_to
    from accounts
    inner join scores
        on accounts.as_of = scores.as_of and accounts.customer_id = scores.customer_id
    inner join tiers on scores.score >= tiers.at_least
    left join approvals as own
        on accounts.as_of = own.as_of and accounts.customer_id = own.customer_id
    qualify row_number() over (
        partition by accounts.as_of, accounts.customer_id order by tiers.at_least desc
    ) = 1
),

grouped as (
    select
        *,
        case when group_id <> customer_id then group_id end as head_id,
        bool_or(has_own_approval and customer_id <> group_id) over (
            partition by as_of, group_id
        ) as has_branch_limits
    from scored
),

based as (
    select
        grouped.*,
        case
            when grouped.has_own_approval then 'own'
            when head.is_valid and not coalesce(grouped.has_branch_limits, false) then 'shared'
            else 'cash'
        end as limit_basis,
        case limit_basis
            when 'own' then grouped.customer_id
            when 'shared' then grouped.head_id
        end as approved_customer_id
    from grouped
    left join approvals as head
        on grouped.as_of = head.as_of and grouped.head_id = head.customer_id
),

termed as (
    select
        based.*, classes.sales, classes.average_monthly_sales,
        approvals.approval_id, approvals.approved_limit,
        least(
            coalesce(
                own_terms.term_days, head_terms.term_days, approvals.approved_days,
                getvariable('policy').credit.term_days
            ),
            coalesce(approvals.approved_days, 100000)
        ) as term_days,
        classes.sales = 0
        and coalesce(based.first_sale_known_on >= date_trunc('month', based.as_of), true) as is_new
    from based
    inner join rated.customer_classes as classes
        on based.as_of = classes.as_of and based.customer_id = classes.customer_id
    left join rated.debtor_terms as own_terms
        on based.as_of = own_terms.as_of and based.customer_id = own_terms.customer_id
    left join rated.debtor_terms as head_terms
        on based.as_of = head_terms.as_of and based.head_id = head_terms.customer_id
    left join approvals
        on based.as_of = approvals.as_of and based.approved_customer_id = approvals.customer_id
),

computed as (
    select
        *,
        cast(
            half_up(
                term_days
                * cast(cast(greatest(sales, 0) as decimal(38, 2)) * factor * 1000000 as hugeint),
                getvariable('policy').classes.months * 30 * 10000
            ) * 0.01 as decimal(18, 2)
        ) as computed_limit
    from termed
),

own_limits as (
    select
        *,
        cast(
            case
                when limit_basis = 'cash' or factor = 0 then 0
                when is_new then approved_limit
                else least(computed_limit, approved_limit)
            end as decimal(18, 2)
        ) as own_limit
    from computed
),

final as (
    select
        limits.as_of, limits.customer_id, limits.group_id, limits.score, limits.credit_tier,
        limits.factor as tier_factor, limits.average_monthly_sales, limits.term_days,
        limits.limit_basis, limits.approval_id, limits.approved_limit, limits.computed_limit,
        heads.own_limit as group_limit,
        least(limits.own_limit, heads.own_limit) as credit_limit,
        case
            when limits.limit_basis = 'cash' and limits.own_approval_id is not null
                then 'approval ' || limits.own_approval_id || ' ended on '
                || cast(limits.own_valid_to as varchar) || ': cash only'
            when limits.limit_basis = 'cash' then 'no approved credit application: cash only'
            when limits.factor = 0 then 'tier ' || limits.credit_tier || ' has no limit: cash only'
            else
                case
                    when limits.is_new then 'no full month of sales yet: '
                    else 'limit ' || format('{:g}', limits.factor) || ' x '
                        || format('{:,.2f}', limits.average_monthly_sales) || ' a month x '
                        || cast(limits.term_days as varchar) || '/30 months = '
                        || format('{:,.2f}', limits.computed_limit) || '; '
                end
                || 'approval ' || limits.approval_id || ' allows '
                || format('{:,.2f}', limits.approved_limit)
                || case
                    when limits.limit_basis = 'shared'
                        then ' to the group of ' || limits.group_id
                    else ''
                end
                || case
                    when heads.own_limit < limits.own_limit
                        then '; its head office has ' || format('{:,.2f}', heads.own_limit)
                    else ''
                end
        end as limit_reason
    from own_limits as limits
    left join own_limits as heads
        on
            limits.as_of = heads.as_of
            and limits.head_id = heads.customer_id
            and heads.limit_basis = 'own'
)

select * from final
