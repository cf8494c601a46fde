-- One row per link (from, to, rule) that has one of the asked papers at an end, as known last.

with wanted as (
    select unnest($kinds) as kind, unnest($numbers) as no
),

touched as (
    select links.*
    from matched.links as links
    where
        links.chain_id in ($chain_id, 'unknown')
        and (
            (links.from_kind, links.from_no) in (select (kind, no) from wanted)
            or (links.to_kind, links.to_no) in (select (kind, no) from wanted)
        )
),

final as (
    select
        from_kind, from_no, to_kind, to_no, amount, rule, is_inferred, evidence, known_on, undone_on
    from touched
    -- the latest word on a pair counts; a link is said once a day by one rule
    qualify
        row_number() over (
            partition by from_kind, from_no, to_kind, to_no, rule order by known_on desc
        ) = 1
    order by known_on, from_kind, from_no, to_kind, to_no, rule
)

select * from final
