-- One row per kind of change since the day before, in the order of `place`: how many, how much.

with holds as (
    select * from rated.holds where as_of = $as_of
),

holds_before as (
    select * from rated.holds where as_of = $as_of::date - 1
),

tiers as (
    select * from rated.credit_tiers where as_of = $as_of
),

tiers_before as (
    select * from rated.credit_tiers where as_of = $as_of::date - 1
),

warnings as (
    select * from warned.warnings where as_of = $as_of
),

exceptions as (
    select * from matched.exceptions where as_of = $as_of
),

exceptions_before as (
    select * from matched.exceptions where as_of = $as_of::date - 1
),

new_holds as (
    select 1 as place, 'new_holds' as what, count(distinct customer_id) as many, sum(amount) as amount
    from holds
    anti join holds_before using (customer_id)
),

released_holds as (
    select 2, 'released_holds', count(distinct customer_id), sum(amount)
    from holds_before
    anti join holds using (customer_id)
),

moved_tiers as (
    select 3, 'moved_tiers', count(*), null
    from tiers
    join tiers_before using (customer_id)
    where tiers.credit_tier <> tiers_before.credit_tier
),

new_warnings as (
    select 4, 'new_warnings', count(*), null
    from warnings
    where first_on = $as_of
),

cleared_warnings as (
    select 5, 'cleared_warnings', count(*), null
    from warnings
    where cleared_on = $as_of
),

new_exceptions as (
    select 6, 'new_exceptions', count(*), sum(abs(amount))
    from exceptions
    anti join exceptions_before using (exception_id)
),

solved_exceptions as (
    select 7, 'solved_exceptions', count(*), sum(abs(amount))
    from exceptions_before
    anti join exceptions using (exception_id)
),

changes as (
    select * from new_holds
    union all
    select * from released_holds
    union all
    select * from moved_tiers
    union all
    select * from new_warnings
    union all
    select * from cleared_warnings
    union all
    select * from new_exceptions
    union all
    select * from solved_exceptions
)

select what, many, cast(amount as decimal(18, 2)) as amount
from changes
where many > 0
order by place
