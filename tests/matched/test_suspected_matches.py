"""What may be meant by a number that we do not have, where it is not sure enough to be applied."""

from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World


def proposals(world: World, as_of: str) -> list[tuple[str, str, str]]:
    rows = world.rows(
        "select from_no, to_kind, to_no from matched.suspected_matches "
        f"where as_of = date '2026-{as_of}' order by all"
    )
    return [(row["from_no"], row["to_kind"], row["to_no"]) for row in rows]


def doubtful() -> Chain:
    """An order and a delivery note whose number reads the same, but of another store."""
    return Chain().order("00001", 10).delivery("D1", 10, order_no="1", store_id="S2")


def test_what_is_sure_is_applied_and_not_proposed() -> None:
    world = Chain().order("00001", 10).delivery("D1", 10, order_no="1").progress()
    assert proposals(world, "06-30") == []


def test_several_that_read_the_same_are_all_proposed() -> None:
    chain = Chain().order("00001", 10).order("001", 20).delivery("D1", 10, order_no="1")
    world = chain.progress()
    assert proposals(world, "06-30") == [("00001", "delivery", "D1"), ("001", "delivery", "D1")]
    rows = world.rows(
        "select distinct from_no, score from matched.suspected_matches order by score"
    )
    assert [(row["from_no"], str(row["score"])) for row in rows] == [
        ("001", "0.9600"), ("00001", "0.9900"),
    ]  # fmt: skip


def test_no_more_than_the_five_likeliest_are_proposed() -> None:
    chain = Chain().delivery("D1", 10, order_no="1")
    for zeros in range(1, 9):
        chain.order("0" * zeros + "1", 10 if zeros > 3 else 99)
    found = proposals(chain.progress(), "06-30")
    assert [from_no for from_no, _, _ in found] == [
        "000000001", "00000001", "0000001", "000001", "00001",
    ]  # fmt: skip


def test_receipts_applications_and_statements_are_proposed_like_deliveries() -> None:
    chain = Chain().order("00001", 10).receipt("R-1", 10, order_no="1", store_id="S2")
    chain.application("A1", "r1", 10, "V1", store_id="S1")
    chain.statement("ST", [{"receipt_no": "r1", "amount": 10, "store_id": "S1"}])
    world = chain.progress()
    assert proposals(world, "06-30") == [
        ("00001", "goods_receipt", "R-1"),
        ("R-1", "application", "A1#1"),
        ("R-1", "statement", "ST#1"),
    ]
    assert world.rows("select sum(invoiced) as invoiced from matched.order_states") == [
        {"invoiced": 0}
    ]


@pytest.mark.parametrize(
    ("fields", "score"),
    [({}, "0.8400"), ({"amount": 9}, "0.8100"), ({"on": "06-25"}, "0.7900")],
)
def test_what_differs_speaks_against_it(fields: dict[str, Any], score: str) -> None:
    chain = Chain().order("00001", 10)
    chain.delivery("D1", **{"amount": 10, "order_no": "1", "store_id": "S2", **fields})
    found = chain.progress().rows("select distinct score, evidence from matched.suspected_matches")
    assert [str(row["score"]) for row in found] == [score]
    assert found[0]["evidence"].startswith(
        "it names order 1, which we do not have; 00001 reads the same but for spelling, another"
    )


def test_a_proposal_keeps_its_identity_and_goes_when_the_named_paper_comes() -> None:
    world = doubtful().order("1", 10, on="06-10").progress()
    assert proposals(world, "06-09") == [("00001", "delivery", "D1")]
    assert proposals(world, "06-10") == []
    ids = world.rows("select distinct suspect_id from matched.suspected_matches")
    assert [len(row["suspect_id"]) for row in ids] == [16]


def test_a_proposal_goes_when_a_better_one_is_applied() -> None:
    chain = Chain().order("2026-55501", 10).order("2025-55501", 10)
    chain.delivery("D1", 10, order_no="55501").order("PO55501", 10, on="06-10")
    world = chain.progress()
    assert len(proposals(world, "06-09")) == 2
    assert proposals(world, "06-10") == []


def test_a_proposal_goes_when_the_paper_is_corrected() -> None:
    world = doubtful().delivery("D1", 10, order_no="00001", known_on="06-10").progress()
    assert proposals(world, "06-09") == [("00001", "delivery", "D1")]
    assert proposals(world, "06-10") == []
