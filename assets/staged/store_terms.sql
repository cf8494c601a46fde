-- One row per store, category and stretch of delivery dates (chain_id, store_id, category,
-- valid_from) and day the chain's terms changed: who owes, by which agreement, on which terms.
-- The stretches of a store cover all dates without overlap. The most specific agreement wins:
-- store and category, store, region and category, region, category, chain. Of equally specific ones
-- all are named as rivals, and only what all of them say holds: nothing is guessed between them.
-- Where no agreement is valid the pattern is inferred from the store's place in its chain. A store
-- that changes its chain keeps its terms in the old one, for the papers of its time there.

with agreement_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by agreement_id order by known_on
        ) as known_until
    from staged.settlement_agreements
),

customer_versions as (
    select
        *,
        lead(known_on, 1, date '9999-12-31') over (
            partition by chain_id, customer_id order by known_on
        ) as known_until,
        case
            when lead(chain_id) over versions <> chain_id then lead(known_on) over versions
        end as left_on
    from staged.customers
    window versions as (partition by customer_id order by known_on)
),

changes as (
    select chain_id, known_on
    from agreement_versions
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select chain_id, known_on
    from customer_versions
    where known_on between getvariable('day_from') and getvariable('day_until')
),

stores as (
    select
        changes.known_on, changes.chain_id, customers.customer_id as store_id, customers.region,
        customers.level,
        coalesce(customers.head_office_id, customers.customer_id) as head_office_id,
        coalesce(changes.known_on >= customers.left_on, false) as is_former,
        customers.file_id, customers.sheet, customers.row_no
    from changes
    inner join customer_versions as customers
        on
            changes.chain_id = customers.chain_id
            and changes.known_on >= customers.known_on
            and changes.known_on < customers.known_until
),

applicable as (
    select
        stores.known_on, stores.chain_id, stores.store_id,
        agreements.agreement_id, agreements.category, agreements.pattern, agreements.debtor_id,
        agreements.term_kind,
        case
            when agreements.term_kind in ('batch', 'consignment')
                then coalesce(agreements.term_days, 0)
            else agreements.term_days
        end as term_days,
        agreements.batch_lag, agreements.grace_days,
        agreements.cash_policy, agreements.valid_from,
        coalesce(agreements.valid_to, date '9999-12-31') as valid_to,
        coalesce(
            list_sort(
                list_transform(
                    string_split(agreements.pay_days, ';'), lambda part: cast(trim(part) as integer)
                )
            ),
            cast([] as integer[])
        ) as pay_days,
        -- only a monthly term asks when a period ends
        coalesce(
            list_sort(
                list_transform(
                    string_split(
                        case when agreements.term_kind = 'monthly' then agreements.statement_days end,
                        ';'
                    ),
                    lambda part: cast(trim(part) as integer)
                )
            ),
            cast([] as integer[])
        ) as statement_days,
        case
            when agreements.customer_id is not null and agreements.category is not null then 1
            when agreements.customer_id is not null then 2
            when agreements.region is not null and agreements.category is not null then 3
            when agreements.region is not null then 4
            when agreements.category is not null then 5
            else 6
        end as rank
    from stores
    inner join agreement_versions as agreements
        on
            stores.chain_id = agreements.chain_id
            and stores.known_on >= agreements.known_on
            and stores.known_on < agreements.known_until
            and (agreements.customer_id is null or stores.store_id = agreements.customer_id)
            and (agreements.region is null or stores.region = agreements.region)
),

-- a null category stands for every category that no agreement of the store names
categories as (
    select known_on, chain_id, store_id, cast(null as varchar) as category from stores
    union
    select known_on, chain_id, store_id, category from applicable
),

candidates as (
    select
        categories.known_on, categories.chain_id, categories.store_id, categories.category,
        applicable.* exclude (known_on, chain_id, store_id, category)
    from categories
    inner join applicable
        on
            categories.known_on = applicable.known_on
            and categories.chain_id = applicable.chain_id
            and categories.store_id = applicable.store_id
            and (applicable.category is null or categories.category = applicable.category)
),

edges as (
    select known_on, chain_id, store_id, category, date '0001-01-01' as valid_from from categories
    union
    select known_on, chain_id, store_id, category, valid_from from candidates
    union
    select known_on, chain_id, store_id, category, cast(valid_to + interval 1 day as date)
    from candidates
    where valid_to < date '9999-12-31'
),

stretches as (
    select
        known_on, chain_id, store_id, category, valid_from,
        coalesce(
            cast(
                lead(valid_from) over (
                    partition by known_on, chain_id, store_id, category order by valid_from
                ) - interval 1 day as date
            ),
            date '9999-12-31'
        ) as valid_to
    from edges
),

ranked as (
    select
        stretches.*,
        candidates.* exclude (known_on, chain_id, store_id, category, valid_from, valid_to)
    from stretches
    left join candidates
        on
            stretches.known_on = candidates.known_on
            and stretches.chain_id = candidates.chain_id
            and stretches.store_id = candidates.store_id
            and stretches.category is not distinct from candidates.category
            and stretches.valid_from between candidates.valid_from and candidates.valid_to
    qualify
        candidates.rank is null
        or candidates.rank = min(candidates.rank) over (
            partition by
                stretches.known_on, stretches.chain_id, stretches.store_id, stretches.category,
                stretches.valid_from
        )
),

-- what all of the most specific agreements say; where they differ nothing is taken from any
winners as (
    select
        known_on, chain_id, store_id, category, valid_from, valid_to,
        case
            when
                count(
                    distinct {
                        'pattern': pattern, 'debtor_id': debtor_id, 'term_kind': term_kind,
                        'term_days': term_days, 'batch_lag': batch_lag, 'pay_days': pay_days,
                        'statement_days': statement_days
                    }
                ) = 1
                then min(agreement_id)
        end as agreement_id,
        case
            when
                count(distinct {'pattern': pattern, 'debtor_id': coalesce(debtor_id, '')}) = 1
                then {'pattern': min(pattern), 'debtor_id': min(debtor_id)}
        end as who,
        case
            when
                count(
                    distinct {
                        'kind': term_kind, 'days': term_days, 'lag': batch_lag,
                        'pay_days': pay_days, 'statement_days': statement_days
                    }
                ) = 1
                then {
                    'kind': min(term_kind), 'days': min(term_days), 'lag': min(batch_lag),
                    'pay_days': min(pay_days), 'statement_days': min(statement_days)
                }
        end as term,
        max(grace_days) as grace_days,
        case when count(distinct cash_policy) = 1 then min(cash_policy) end as cash_policy,
        case
            when count(agreement_id) > 1 then string_agg(agreement_id, ', ' order by agreement_id)
        end as rivals
    from ranked
    group by known_on, chain_id, store_id, category, valid_from, valid_to
),

resolved as (
    select
        stores.known_on, stores.chain_id, stores.store_id, winners.category,
        winners.valid_from, winners.valid_to, winners.agreement_id,
        coalesce(
            winners.who.pattern,
            case
                when stores.level in ('head_office', 'dc') then 'head_head'
                when stores.head_office_id <> stores.store_id then 'branch_head'
                else 'branch_branch'
            end
        ) as pattern,
        winners.who.debtor_id as named_debtor_id,
        stores.head_office_id, stores.is_former,
        winners.term.kind as term_kind, winners.term.days as term_days,
        winners.term.lag as batch_lag,
        coalesce(winners.term.pay_days, cast([] as integer[])) as pay_days,
        coalesce(winners.term.statement_days, cast([] as integer[])) as statement_days,
        coalesce(winners.grace_days, getvariable('policy').credit.grace_days) as grace_days,
        coalesce(winners.cash_policy, 'evidence_only') as cash_policy,
        winners.who is null or winners.who.pattern is null as is_inferred,
        winners.rivals,
        stores.file_id, stores.sheet, stores.row_no
    from stores
    inner join winners
        on
            stores.known_on = winners.known_on
            and stores.chain_id = winners.chain_id
            and stores.store_id = winners.store_id
),

final as (
    select
        known_on, chain_id, store_id, category, valid_from, valid_to, agreement_id, pattern,
        coalesce(
            named_debtor_id, case when pattern = 'branch_branch' then store_id else head_office_id end
        ) as debtor_id,
        case when pattern = 'head_head' then head_office_id else store_id end as order_account_id,
        term_kind, term_days, batch_lag, pay_days, statement_days, grace_days, cash_policy,
        is_inferred, is_former, rivals, file_id, sheet, row_no
    from resolved
)

select * from final
