"""What a person decides about a proposed or an inferred match outranks every rule."""

from typing import Any

from tests.matched.test_resolutions import answers
from tests.papers import Chain
from tests.support import World, upstream

TABLES = upstream(
    "matched.suspected_matches",
    "matched.resolved_deliveries",
    "matched.rule_precision",
    stages=("matched",),
)


def ambiguous() -> Chain:
    return Chain().order("0015000", 10).order("PO15000", 10).delivery("D1", 10, order_no="15000")


def closed(chain: Chain) -> World:
    return chain.world.run(*TABLES, day_from="05-01", until="05-31")


def suspect_ids(chain: Chain) -> dict[str, str]:
    rows = closed(chain).rows("select distinct from_no, suspect_id from matched.suspected_matches")
    return {row["from_no"]: row["suspect_id"] for row in rows}


def decide(chain: Chain, suspect_id: str, decision: str, on: str, **fields: Any) -> None:
    row = {
        "known_on": on, "subject_kind": "suspected_match", "subject_id": suspect_id,
        "decision": decision, "decided_by": "Lin", "decided_on": on, **fields,
    }  # fmt: skip
    chain.world.given("staged.decisions", [row])


def proposals(world: World, as_of: str) -> list[str]:
    rows = world.rows(
        "select from_no from matched.suspected_matches "
        f"where as_of = date '2026-{as_of}' order by from_no"
    )
    return [row["from_no"] for row in rows]


def test_a_match_that_a_person_confirms_is_applied_from_that_day() -> None:
    chain = ambiguous()
    decide(chain, suspect_ids(chain)["PO15000"], "match", "05-20", note="seen the paper")
    world = closed(chain)
    assert answers(world) == [("D1", "PO15000", "decision", "05-20")]
    assert (len(proposals(world, "05-19")), proposals(world, "05-20")) == (2, [])
    found = world.rows("select evidence from matched.resolutions")
    assert found == [
        {"evidence": "Lin decided on 2026-05-20 that PO15000 is meant: seen the paper"}
    ]
    again = world.run(*TABLES, day_from="05-20", until="05-31")
    assert answers(again) == [("D1", "PO15000", "decision", "05-20")]


def test_a_match_that_a_person_refuses_is_proposed_no_more() -> None:
    chain = ambiguous()
    decide(chain, suspect_ids(chain)["PO15000"], "不匹配", "05-20")
    world = closed(chain)
    assert answers(world) == []
    assert proposals(world, "05-20") == ["0015000"]


def test_an_inferred_match_that_a_person_refuses_is_undone_for_good() -> None:
    chain = ambiguous()
    ids = suspect_ids(chain)
    sole = Chain().order("0015000", 10).delivery("D1", 10, order_no="15000")
    decide(sole, ids["0015000"], "unmatch", "05-20")
    world = closed(sole)
    assert answers(world) == [
        ("D1", "0015000", "normalised", "05-02"),
        ("D1", None, "normalised", "05-20"),
    ]
    assert proposals(world, "05-20") == []
    rows = world.rows("select order_no from matched.resolved_deliveries order by known_on")
    assert [row["order_no"] for row in rows] == ["0015000", "15000"]


def test_the_latest_decision_counts_and_an_unclear_one_changes_nothing() -> None:
    chain = ambiguous()
    ids = suspect_ids(chain)
    decide(chain, ids["PO15000"], "match", "05-20")
    decide(chain, ids["0015000"], "Match ", "05-25")
    decide(chain, ids["0015000"], "perhaps", "05-26")
    assert answers(closed(chain)) == [
        ("D1", "PO15000", "decision", "05-20"),
        ("D1", "0015000", "decision", "05-25"),
    ]


def reopened(world: World, as_of: str) -> list[tuple[str, str]]:
    rows = world.rows(
        "select from_no, evidence from matched.suspected_matches "
        f"where as_of = date '2026-{as_of}' order by from_no"
    )
    return [(row["from_no"], row["evidence"]) for row in rows]


def test_a_confirmed_match_is_asked_again_when_the_paper_named_comes() -> None:
    chain = ambiguous().order("15000", 10, on="05-25")
    ids = suspect_ids(chain)
    decide(chain, ids["PO15000"], "match", "05-20")
    world = closed(chain)
    assert answers(world) == [("D1", "PO15000", "decision", "05-20")]
    assert reopened(world, "05-24") == []
    (asked,) = reopened(world, "05-25")
    assert asked[0] == "15000"
    assert asked[1].endswith("PO15000 is meant, but 15000 has come under this very number")
    found = world.rows(
        "select distinct suspect_id from matched.suspected_matches where rule = 'exact'"
    )
    decide(chain, found[0]["suspect_id"], "match", "05-28")
    world = closed(chain)
    assert answers(world)[-1] == ("D1", "15000", "decision", "05-28")
    assert (len(reopened(world, "05-27")), reopened(world, "05-28")) == (1, [])


def test_a_confirmed_match_is_asked_again_when_another_paper_names_it() -> None:
    chain = Chain().order("PO1234567", 10).delivery("D1", 10, order_no="PO1234568")
    ids = suspect_ids(chain)
    decide(chain, ids["PO1234567"], "match", "05-20")
    chain.delivery("D2", 10, order_no="PO1234567", on="05-25")
    world = closed(chain)
    assert answers(world) == [("D1", "PO1234567", "decision", "05-20")]
    assert reopened(world, "05-24") == []
    (asked,) = reopened(world, "05-25")
    assert asked[1].endswith("is meant, but another paper names it by its very number")


def test_a_refused_match_is_asked_again_when_other_numbers_lead_there() -> None:
    chain = Chain().order("0015000", 10).delivery("D1", 10, order_no="15000", store_id="S2")
    ids = suspect_ids(chain)
    decide(chain, ids["0015000"], "unmatch", "05-20")
    chain.application("A1", "R1", 10, "V1", order_no="0015000", delivery_no="D1", on="05-25")
    world = closed(chain)
    assert reopened(world, "05-24") == []
    (asked,) = reopened(world, "05-25")
    assert asked[1].startswith("Lin decided on 2026-05-20 that 0015000 is not meant, but since")


def test_what_people_decide_is_counted_by_rule() -> None:
    chain = ambiguous().order("PO1234567", 10).delivery("D2", 10, order_no="PO1234568")
    ids = suspect_ids(chain)
    decide(chain, ids["PO15000"], "match", "05-20")
    decide(chain, ids["0015000"], "unmatch", "05-20")
    decide(chain, ids["PO1234567"], "unmatch", "05-21")
    decide(chain, ids["PO1234567"], "match", "05-22")  # thought better of it
    world = closed(chain)
    rows = world.rows(
        "select strftime(as_of, '%m-%d') as day, rule, confirmed, refused, "
        "cast(confirmed_share as varchar) as share from matched.rule_precision "
        "where as_of in (date '2026-05-20', date '2026-05-21', date '2026-05-31') order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("05-20", "normalised", 1, 1, "0.5000"),
        ("05-21", "normalised", 1, 1, "0.5000"),
        ("05-21", "one_edit", 0, 1, "0.0000"),
        ("05-31", "normalised", 1, 1, "0.5000"),
        ("05-31", "one_edit", 1, 0, "1.0000"),
    ]
