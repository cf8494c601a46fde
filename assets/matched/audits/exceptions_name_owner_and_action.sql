-- Every open exception is listed once a day, has an amount, an owner, a next action and a first day
-- that is not in the future.

with offences as (
    select as_of, exception_id, reason, owner, next_action, amount, opened_on
    from matched.exceptions
    where as_of between getvariable('day_from') and getvariable('day_until')
    qualify
        count(*) over (partition by as_of, exception_id) > 1
        or owner is null or next_action is null or evidence is null
        or (amount = 0 and reason <> 'unusual_amount') or opened_on > as_of
)

select * from offences
