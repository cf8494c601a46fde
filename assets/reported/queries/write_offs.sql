-- One row per month, debtor and chain: what was written off in the month as known on the day, the
-- latest month first.

with totals as (
    select * from settled.write_off_totals where known_on <= $as_of
),

latest as (
    select *
    from totals
    qualify row_number() over (partition by debtor_id, chain_id, month order by known_on desc) = 1
)

select month, debtor_id, chain_id, small_differences, deductions, amount, entries
from latest
where amount <> 0 or entries > 0
order by month desc, abs(amount) desc, debtor_id, chain_id
