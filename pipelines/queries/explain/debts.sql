-- One row per kind of open item of the asked debtor on the newest day: how many, how much, how much
-- of it is overdue, and since when the oldest.

with final as (
    select
        item_kind, count(*) as items, cast(sum(balance) as decimal(18, 2)) as balance,
        cast(coalesce(sum(balance) filter (due_on < as_of), 0) as decimal(18, 2)) as overdue,
        min(due_on) filter (due_on < as_of) as overdue_since
    from settled.open_items
    where as_of = $as_of and debtor_id = $no
    group by item_kind
    order by item_kind
)

select * from final
