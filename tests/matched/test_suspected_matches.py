"""What may be meant by a number that we do not have, where it is not sure enough to be applied."""

from typing import Any

import pytest

from tests.matched.test_match_decisions import decide
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


def without_number() -> Chain:
    """A receipt that names nothing, taken with the only delivery note that fits, 7 days apart."""
    return Chain().delivery("D1", 10, on="05-03").receipt("R1", 10, on="05-10")


def test_a_nearer_paper_that_comes_late_is_proposed_and_moves_nothing() -> None:
    chain = without_number().delivery("D2", 10, on="05-09", known_on="05-20")
    world = chain.progress()
    assert proposals(world, "05-22") == [], "it is asked when it had its days of waiting"
    assert proposals(world, "05-23") == [("D2", "goods_receipt", "R1")]
    (told,) = world.rows(
        "select distinct suspect_id, evidence from matched.suspected_matches where from_no = 'D2'"
    )
    assert told["evidence"] == (
        "it names no delivery; D2 is named by nobody either, same store, 1 days apart, same "
        "amount, but not the only pair that fits; D1 was taken on 2026-05-13 though it is 7 days "
        "apart"
    )
    taken = "select resolved_no from matched.resolutions where paper_no = 'R1' order by known_on"
    assert world.rows(taken) == [{"resolved_no": "D1"}]
    decide(chain, told["suspect_id"], "match", "06-01")
    world = chain.progress()
    assert world.rows(taken) == [{"resolved_no": "D1"}, {"resolved_no": "D2"}]
    assert proposals(world, "06-01") == []


def test_a_paper_that_comes_late_and_lies_no_nearer_or_is_another_s_is_not_proposed() -> None:
    chain = without_number().delivery("D2", 10, on="05-03", known_on="05-20")
    chain.delivery("D3", 10, on="05-09", known_on="05-21")
    chain.receipt("R3", 10, delivery_no="D3", on="05-26")
    world = chain.progress()
    assert proposals(world, "05-25") == [("D3", "goods_receipt", "R1")]
    assert proposals(world, "05-26") == []


def test_papers_without_numbers_that_fit_several_are_proposed() -> None:
    chain = Chain().order("O1", 10).order("O2", 10).delivery("D1", 10)
    world = chain.delivery("D2", 10, order_no="O2", on="05-20").progress()
    assert proposals(world, "05-19") == [("O1", "delivery", "D1"), ("O2", "delivery", "D1")]
    assert proposals(world, "05-20") == [("O1", "delivery", "D1")], "O2 is the other one's"
