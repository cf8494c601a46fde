-- One row per party of the day, the company first, then chains and debtors by what they owe: how
-- fast they pay.

with collections as (
    select * from aged.collections where as_of = $as_of
)

select
    level, node_id, chain_id, balance, overdue, sales, dso_simple, dso_countback,
    best_possible_days, collection_index, days_late
from collections
order by
    list_position(['company', 'chain', 'debtor'], level), balance desc, node_id, chain_id
