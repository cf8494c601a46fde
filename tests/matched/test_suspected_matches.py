"""Numbers that fail exactly but read the same: proposed, never applied."""

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


@pytest.mark.parametrize(
    ("order_no", "named", "is_proposed"),
    [
        ("00001", "1", True),
        ("1", "00001", True),
        ("PO-2026-15", "po2026/15", True),
        ("PO2026", "ＰＯ２０２６", True),
        ("BS 17.4", "bs_17-4", True),
        ("payment-12345", "-12399", False),
        ("PO100", "PO1", False),
        ("PO2026", "P02026", False),
        ("---", "///", False),
    ],
)
def test_what_reads_the_same(order_no: str, named: str, is_proposed: bool) -> None:
    world = Chain().order(order_no, 10).delivery("D1", 10, order_no=named).progress()
    assert proposals(world, "06-30") == ([(order_no, "delivery", "D1")] if is_proposed else [])


def test_receipts_and_applications_are_proposed_like_deliveries() -> None:
    chain = Chain().order("00001", 10).receipt("R-1", 10, order_no="1")
    world = chain.application("A1", "r1", 10, "V1").progress()
    assert proposals(world, "06-30") == [
        ("00001", "goods_receipt", "R-1"), ("R-1", "application", "A1#1"),
    ]  # fmt: skip
    assert world.rows("select sum(invoiced) as invoiced from matched.order_states") == [
        {"invoiced": 0}
    ]


def test_another_chain_is_another_number() -> None:
    chain = Chain().order("00001", 10, chain_id="OTHER").delivery("D1", 10, order_no="1")
    assert proposals(chain.progress(), "06-30") == []


@pytest.mark.parametrize(
    ("fields", "score"),
    [({}, "1.0000"), ({"store_id": "S2"}, "0.8500"), ({"amount": 9}, "0.8500")],
)
def test_the_same_store_and_amount_speak_for_it(fields: dict[str, Any], score: str) -> None:
    chain = Chain().order("00001", 10)
    world = chain.delivery("D1", **{"amount": 10, "order_no": "1", **fields}).progress()
    found = world.rows("select distinct score, evidence from matched.suspected_matches")
    assert [str(row["score"]) for row in found] == [score]
    assert found[0]["evidence"].startswith("the paper names 1, which we do not have; 00001 differs")


def test_a_proposal_keeps_its_identity_and_goes_when_the_named_paper_comes() -> None:
    chain = Chain().order("00001", 10).delivery("D1", 10, order_no="1")
    world = chain.order("1", 10, on="06-10").progress()
    assert proposals(world, "06-09") == [("00001", "delivery", "D1")]
    assert proposals(world, "06-10") == []
    ids = world.rows("select distinct suspect_id from matched.suspected_matches")
    assert [len(row["suspect_id"]) for row in ids] == [16]


def test_a_proposal_goes_when_a_second_paper_reads_the_same() -> None:
    chain = Chain().order("00001", 10).delivery("D1", 10, order_no="1")
    world = chain.order("0001", 10, on="06-10").progress()
    assert proposals(world, "06-09") == [("00001", "delivery", "D1")]
    assert proposals(world, "06-10") == []


def test_a_proposal_goes_when_the_paper_is_corrected() -> None:
    chain = Chain().order("00001", 10).delivery("D1", 10, order_no="1")
    world = chain.delivery("D1", 10, order_no="00001", known_on="06-10").progress()
    assert proposals(world, "06-09") == [("00001", "delivery", "D1")]
    assert proposals(world, "06-10") == []
