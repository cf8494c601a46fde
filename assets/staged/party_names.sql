-- One row per way to name a customer (name_kind, name, valid_from) and day its meaning changed.
-- Kinds: tax_id, name, bank_account; spellings that differ in width, brackets, case or spaces are
-- one name, written as its name_key. Own master data outranks aliases; a name that means several
-- customers means the head office among them, else nobody.

with new_aliases as (
    select * from staged.customer_aliases
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and alias_kind in ('name', 'tax_id', 'bank_account')
),

new_customers as (
    select * from staged.customers
    where known_on between getvariable('day_from') and getvariable('day_until')
),

customers as (
    select * from staged.steps.customer_versions
),

meanings as (
    select
        known_on, 'tax_id' as name_kind, name_key(tax_id) as name, customer_id,
        date '0001-01-01' as valid_from, date '9999-12-31' as valid_to, 1 as precedence
    from new_customers
    where tax_id is not null
    union all
    select
        known_on, 'name', name_key(customer_name), customer_id,
        date '0001-01-01', date '9999-12-31', 1
    from new_customers
    union all
    select
        known_on, alias_kind, name_key(alias), customer_id,
        coalesce(valid_from, date '0001-01-01'), coalesce(valid_to, date '9999-12-31'), 2
    from new_aliases
),

owned as (
    select meanings.*, customers.chain_id, customers.level
    from meanings
    inner join customers
        on
            meanings.customer_id = customers.customer_id
            and meanings.known_on >= customers.known_from
            and meanings.known_on < customers.known_until
),

leading_meanings as (
    select * from owned
    qualify precedence = min(precedence) over (
        partition by known_on, name_kind, name, valid_from
    )
),

final as (
    select
        known_on, name_kind, name, valid_from,
        max(valid_to) as valid_to,
        case
            when count(distinct customer_id) = 1 then min(customer_id)
            when count(distinct customer_id) filter (level = 'head_office') = 1
                then min(customer_id) filter (level = 'head_office')
        end as customer_id,
        case when count(distinct chain_id) = 1 then min(chain_id) end as chain_id
    from leading_meanings
    group by known_on, name_kind, name, valid_from
)

select * from final
