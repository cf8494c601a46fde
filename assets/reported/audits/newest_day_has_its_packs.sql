-- The newest day of a run has one workbook of each kind that is written daily.

with packs as (
    select * from reported.packs where as_of = getvariable('day_until')
),

kinds as (
    select unnest([
        'aging', 'credit_tier', 'exceptions', 'hold_list', 'invoice_application', 'settlement'
    ]) as kind
),

workbooks as (
    select kind, count(*) as files
    from packs
    where is_written and items is not null
    group by all
),

offences as (
    select kinds.kind, coalesce(workbooks.files, 0) as files
    from kinds
    left join workbooks using (kind)
    where coalesce(workbooks.files, 0) <> 1
)

select * from offences
