"""What a person decides about a proposed or an inferred match outranks every rule."""

from typing import Any

from tests.matched.test_resolutions import answers
from tests.papers import Chain
from tests.support import World, upstream

TABLES = upstream("matched.suspected_matches", "matched.resolved_deliveries", stages=("matched",))


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
