-- One row per reason: how many exceptions stood the day before, came and went on the day and stand
-- now, and how much they are worth. Reasons whose last exception went on the day come last.

with exceptions as (
    select * from matched.exceptions where as_of = $as_of
),

exceptions_before as (
    select * from matched.exceptions where as_of = $as_of::date - 1
),

standing as (
    select
        exceptions.reason,
        exceptions.reason_zh,
        exceptions.reason_en,
        exceptions.amount,
        exceptions.days_open,
        1 as is_open,
        if(exceptions_before.exception_id is null, 1, 0) as is_new
    from exceptions
    left join exceptions_before using (exception_id)
),

solved as (
    select reason, reason_zh, reason_en, amount
    from exceptions_before
    anti join exceptions using (exception_id)
),

both_days as (
    select *, 0 as is_solved from standing
    union all by name
    select *, 0 as is_open, 0 as is_new, 1 as is_solved from solved
),

counted as (
    select
        reason,
        reason_zh,
        reason_en,
        cast(sum(is_open) as bigint) as open_count,
        cast(sum(is_new) as bigint) as new_count,
        cast(sum(is_solved) as bigint) as solved_count,
        cast(coalesce(sum(abs(amount)) filter (is_open = 1), 0) as decimal(18, 2)) as open_amount,
        coalesce(max(days_open), 0) as oldest_days
    from both_days
    group by reason, reason_zh, reason_en
)

select
    reason,
    reason_zh,
    reason_en,
    open_count - new_count + solved_count as count_before,
    new_count,
    solved_count,
    open_count,
    open_amount as amount,
    oldest_days
from counted
order by open_amount desc, open_count desc, reason
