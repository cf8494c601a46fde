-- An exception that was listed the day before is listed, or it was closed on the day: never both,
-- never neither.

with listed as (
    select as_of, exception_id
    from matched.exceptions
    where as_of between getvariable('day_from') - 1 and getvariable('day_until')
),

expected as (
    select cast(as_of + 1 as date) as known_on, exception_id
    from listed
    where as_of < getvariable('day_until')
),

closed as (
    select known_on, exception_id
    from matched.closed_exceptions
    where known_on between getvariable('day_from') and getvariable('day_until')
),

gone as (
    select expected.*
    from expected
    anti join listed
        on expected.exception_id = listed.exception_id and expected.known_on = listed.as_of
),

offences as (
    (from gone except all from closed)
    union all
    (from closed except all from gone)
)

select * from offences
