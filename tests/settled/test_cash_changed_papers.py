"""Payments of papers that change afterwards: what they clear is told alike by one run and by many."""

from typing import Any

from tests.papers import Chain
from tests.support import World

CASH = "settled/cash_received_is_applied_or_unapplied"
TABLES = ("matched.clearings", "settled.cash_applications", "settled.ledger")


def fee(amount: Any, **fields: Any) -> dict[str, Any]:
    return {"line_kind": "deduction", "fee_code": "RB", "amount": amount, **fields}


def in_steps(chain: Chain, *edges: str) -> World:
    """May and June, closed in runs that begin on the 1st of May and on the days given."""
    begins = ["05-01", *edges]
    for day_from, after in zip(begins, [*edges, "07-01"], strict=True):
        day = int(after[3:]) - 1
        chain.close(day_from, f"{after[:3]}{day:02}" if day else "06-30")
    return chain.world


def same(one: World, other: World) -> None:
    for table in TABLES:
        query = f"select * from {table} order by all"
        assert one.rows(query) == other.rows(query), table


def restated() -> Chain:
    """Line 2 names no store, and line 3 store S2; in the later version line 2 is gone."""
    chain = Chain("branch_head").receipt("R1", 500).statement(
        "ST", [{"receipt_no": "R1", "amount": 500}, fee(-20), fee(-30, store_id="S2")]
    )
    chain.payment("T1", 450, "ST", on="06-10")
    return chain.statement(
        "ST", [{"receipt_no": "R1", "amount": 500}, fee(-30, store_id="S2")], on="06-20"
    )


def test_a_deduction_stands_on_the_store_that_its_paper_named_when_it_was_taken() -> None:
    whole = restated().close()
    taken = whole.rows(
        "select unit_no, store_id, amount from settled.cash_applications "
        "where part = 'deduction' order by unit_no"
    )
    assert [tuple(row.values()) for row in taken] == [("ST#2", "HO", -20), ("ST#3", "S2", -30)]
    same(in_steps(restated(), "06-15"), whole)
