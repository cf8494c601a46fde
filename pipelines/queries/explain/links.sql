-- One row per link (from, to, rule) that has one of the asked papers at an end, as known last, with
-- how many proposals of its rule people decided on, and how many they confirmed.

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

precision as (
    select rule, confirmed, confirmed + refused as decided
    from matched.rule_precision
    where as_of = (select max(as_of) from matched.rule_precision)
),

final as (
    select
        touched.from_kind, touched.from_no, touched.to_kind, touched.to_no, touched.amount,
        touched.rule, touched.is_inferred, touched.evidence, touched.known_on, touched.undone_on,
        precision.confirmed, precision.decided
    from touched
    left join precision using (rule)
    -- the latest word on a pair counts; a link is said once a day by one rule
    qualify
        row_number() over (
            partition by from_kind, from_no, to_kind, to_no, rule order by known_on desc
        ) = 1
    order by known_on, from_kind, from_no, to_kind, to_no, rule
)

select * from final
