-- The differences of a restated statement sum to its new total less its total before.

with new_versions as (
    select distinct chain_id, statement_no
    from staged.statement_lines
    where known_on between getvariable('day_from') and getvariable('day_until')
),

totals as (
    select known_on, chain_id, statement_no, sum(amount) as total
    from staged.statement_lines
    semi join new_versions using (chain_id, statement_no)
    where known_on <= getvariable('day_until')
    group by known_on, chain_id, statement_no
),

restated as (
    select
        known_on, chain_id, statement_no,
        total - lag(total) over (
            partition by chain_id, statement_no order by known_on
        ) as difference
    from totals
),

explained as (
    select known_on, chain_id, statement_no, sum(difference) as difference
    from staged.statement_changes
    where known_on between getvariable('day_from') and getvariable('day_until')
    group by known_on, chain_id, statement_no
),

offences as (
    select
        known_on, chain_id, statement_no,
        restated.difference as difference, explained.difference as explained
    from restated
    full join explained using (known_on, chain_id, statement_no)
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and coalesce(restated.difference, 0) <> coalesce(explained.difference, 0)
)

select * from offences
