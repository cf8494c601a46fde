-- The newest mail of an audience for the newest closed day carries packs that were written.

with mails as (
    select * from reported.mails
    where as_of between getvariable('day_from') and getvariable('day_until')
),

packs as (
    select as_of, path, is_written, max(as_of) over () as newest_on from reported.packs
),

newest_packs as (
    select as_of, path from packs where as_of = newest_on and is_written
),

newest_mails as (
    select *
    from mails
    -- a later revision has the longer path, and of two as long the larger number
    qualify
        row_number() over (
            partition by as_of, audience order by length(path) desc, path desc
        ) = 1
),

named as (
    select as_of, message_id, unnest(string_split(attachments, ', ')) as path
    from newest_mails
    where attachments <> '' and as_of in (select newest_on from packs)
),

offences as (
    select * from named anti join newest_packs using (as_of, path)
)

select * from offences
