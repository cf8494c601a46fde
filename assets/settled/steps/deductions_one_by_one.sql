-- One row per paper judged and line that counts for it (judged_id, line_no) where some paper takes more
-- than its own cap, and the `part` that is supported: what the cap refuses uses nothing of the month,
-- and what the month refuses nothing of the cap, so lines are weighed one after the other. A row of
-- line 0 begins each.
-- Takes `limits`.

with recursive beyond_their_cap as (
    select *
    from limits
    semi join (
        select judged_id from limits where is_capped_first and wanted_of_paper > cap
    ) as contested using (judged_id)
),

one_by_one as (
    select
        judged_id, cast(0 as bigint) as line_no,
        cast(map {} as map(varchar, decimal(38, 2))) as used,
        cast(0 as decimal(38, 2)) as part
    from beyond_their_cap
    where line_no = 1
    union all
    select
        judged_id, line_no,
        map_concat(used, map {month_key: month_used + part, paper_key: paper_used + part}), part
    from (
        select
            *,
            cast(
                greatest(
                    least(
                        wanted, limit_so_far - month_used,
                        case when is_capped_first then cap - paper_used end
                    ),
                    0
                ) as decimal(38, 2)
            ) as part
        from (
            select
                lines.judged_id, lines.line_no, lines.wanted, lines.limit_so_far, lines.cap,
                lines.is_capped_first, before.used,
                'month ' || lines.counted_month as month_key,
                'paper ' || lines.cap_key as paper_key,
                coalesce(before.used['month ' || lines.counted_month], 0) as month_used,
                coalesce(before.used['paper ' || lines.cap_key], 0) as paper_used
            from one_by_one as before
            inner join beyond_their_cap as lines
                on before.judged_id = lines.judged_id and before.line_no + 1 = lines.line_no
        )
    )
),

final as (
    select judged_id, line_no, part from one_by_one
)

select * from final
