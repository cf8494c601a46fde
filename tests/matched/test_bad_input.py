"""Papers that cannot be right: nothing falls, nothing counts twice, and an exception says so."""

from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World, money

AUDITS = (
    "order_states_equal_their_papers", "variances_sum_to_the_difference", "links_are_unique",
    "exceptions_name_owner_and_action", "exceptions_follow_the_order_states",
    "exceptions_are_listed_or_closed", "no_paper_is_explained_beyond_its_amount",
)  # fmt: skip


def closed(chain: Chain, until: str = "06-30") -> World:
    """The chain's progress, with every audit of matching held against it."""
    world = chain.progress(until=until)
    for audit in AUDITS:
        assert world.audit(f"matched/{audit}", "05-02", until) == [], audit
    return world


def told(world: World, reason: str) -> dict[str, tuple[str, str, str]]:
    """First and last day of a reason and its evidence, by document."""
    rows = world.rows(
        "select document_no, min(as_of) as first_on, max(as_of) as last_on, "
        "max_by(evidence, as_of) as evidence from matched.exceptions "
        f"where reason = '{reason}' group by document_no"
    )
    return {
        row["document_no"]: (
            f"{row['first_on']:%m-%d}", f"{row['last_on']:%m-%d}", row["evidence"],
        )
        for row in rows
    }  # fmt: skip


def states(world: World, column: str) -> dict[tuple[str, str], Any]:
    """What stands in a column of the latest state of each order."""
    rows = world.rows(
        f"select chain_id, order_no, max_by({column}, known_on) as value "
        "from matched.order_states group by all"
    )
    return {(row["chain_id"], row["order_no"]): row["value"] for row in rows}


def test_a_paper_dated_in_the_future_is_doubted_until_its_day_comes() -> None:
    chain = Chain().order("O1", 100).receipt("R1", 100, order_no="O1", on="05-20", known_on="05-03")
    assert told(closed(chain), "future_date") == {
        "receipt R1": ("05-03", "05-19", "receipt R1 is dated 2026-05-20, but came on 2026-05-03")
    }


@pytest.mark.parametrize("paper", ["order", "delivery", "invoice", "payment"])
def test_a_corrected_date_is_doubted_no_more(paper: str) -> None:
    chain = Chain()
    tell = {
        "order": lambda **on: chain.order("N1", 100, **on),
        "delivery": lambda **on: chain.delivery("N1", 100, **on),
        "invoice": lambda **on: chain.invoice("N1", 100, **on),
        "payment": lambda **on: chain.payment("N1", 100, "", **on),
    }[paper]
    tell(on="06-25", known_on="05-03")
    tell(on="05-02", known_on="05-10")
    number = "ACC/N1" if paper == "payment" else "N1"
    (found,) = told(closed(chain, "05-31"), "future_date").items()
    assert found[0] == f"{paper} {number}"
    assert found[1][:2] == ("05-03", "05-09")


def test_papers_over_nothing() -> None:
    chain = Chain().order("O1", 0).delivery("D1", 0, order_no="O1").receipt("R1", 0, order_no="O1")
    chain.application("A1", "R1", 0, "V1").invoice("V1", 0).handover("V1", "05-12")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 0}]).payment("T1", 0, "ST1")
    world = closed(chain)
    assert told(world, "unusual_amount").keys() == {
        "order O1", "delivery D1", "receipt R1", "invoice V1", "payment ACC/T1",
    }  # fmt: skip


def test_goods_taken_back_that_were_never_delivered() -> None:
    chain = Chain().order("O1", 100).delivery("D1", -20, order_no="O1", on="05-02")
    world = closed(chain.delivery("D2", 100, order_no="O1", on="05-10"), "05-20")
    assert told(world, "unusual_amount") == {
        "order O1": ("05-02", "05-09", "more goods were taken back than delivered: -20.00")
    }
    assert states(world, "delivered") == {("C", "O1"): 80}


def test_a_receipt_and_its_delivery_note_name_different_orders() -> None:
    chain = Chain().order("O1", 100).order("O2", 100).delivery("D1", 100, order_no="O2")
    chain.receipt("R1", 100, order_no="O1", delivery_no="D1")
    world = closed(chain.receipt("R1", 100, order_no="O2", delivery_no="D1", known_on="05-20"))
    assert told(world, "contradictory_reference") == {
        "receipt R1": (
            "05-03", "05-19", "receipt R1 names order O1, its delivery D1 names order O2",
        )
    }  # fmt: skip
    assert states(world, "received") == {("C", "O1"): 0, ("C", "O2"): 100}


def test_a_receipt_for_another_chains_order() -> None:
    chain = Chain().order("O1", 100, chain_id="D").receipt("R1", 100, order_no="O1")
    world = closed(chain.order("O1", 90, known_on="05-20"))
    assert told(world, "contradictory_reference") == {
        "receipt R1": (
            "05-03", "05-19", "receipt R1 of C names order O1, which only D has placed",
        )
    }  # fmt: skip
    assert states(world, "received") == {("C", "O1"): 100, ("D", "O1"): 0}


def test_a_number_of_two_chains_is_two_papers() -> None:
    chain = Chain()
    for chain_id, amount in (("C", 100), ("D", 30)):
        fields = {"chain_id": chain_id, "order_no": "O1"}
        chain.order("O1", amount, chain_id=chain_id).delivery(f"D{chain_id}", amount, **fields)
        chain.receipt("R1", amount, **fields)
    world = closed(chain)
    assert states(world, "received") == {("C", "O1"): 100, ("D", "O1"): 30}
    assert told(world, "contradictory_reference") == {}
    assert told(world, "number_reused") == {}


def test_a_number_of_two_years_replaces_and_says_so() -> None:
    chain = Chain().order("O1", 100)
    chain.receipt("R1", 70, order_no="O1", on="2025-05-03", known_on="05-03")
    world = closed(chain.receipt("R1", 100, order_no="O1", on="05-20"))
    older, newer = "2025-05-03", "2026-05-20"
    assert states(world, "received") == {("C", "O1"): 100}
    assert told(world, "number_reused") == {
        "receipt R1": (
            "05-20", "06-30",
            f"receipt R1 of {newer} has the number of one of {older} over 70.00 and replaced it",
        )
    }  # fmt: skip


@pytest.mark.parametrize("pair", [("V1", "V2"), ("V1", "V1")], ids=["a cycle", "itself"])
def test_red_invoices_that_reverse_red_ones(pair: tuple[str, str]) -> None:
    chain = Chain()
    for no, of in dict(zip(pair, reversed(pair), strict=True)).items():
        chain.invoice(no, -50, is_red=True, red_of_invoice_no=of)
    found = told(closed(chain), "contradictory_reference")
    assert found.keys() == {f"invoice {no}" for no in pair}


def test_two_invoices_for_the_same_goods_explain_them_once() -> None:
    chain = Chain().order("O1", 100).receipt("R1", 100, order_no="O1")
    for number in "12":
        chain.application(f"A{number}", "R1", 100, f"V{number}").invoice(f"V{number}", 100)
    world = closed(chain)
    assert states(world, "invoiced") == {("C", "O1"): 100}
    assert told(world, "over_invoiced").keys() == {"V2"}


@pytest.mark.timeout(280)
def test_five_thousand_receipts_on_one_invoice() -> None:
    chain = Chain().order("O1", 1).receipt("R1", 1, order_no="O1")
    chain.application("A1", "R1", 1, "V1").invoice("V1", 5000)
    for table, columns in (
        ("orders", "'O' || i as order_no"),
        ("goods_receipts", "'R' || i as receipt_no, 'O' || i as order_no"),
        ("invoice_applications", "'A' || i as application_no, 'R' || i as receipt_no"),
    ):
        chain.world.connection.execute(
            f"insert into staged.{table} select * exclude (i) from "
            f"(select * replace ({columns}) from staged.{table}, range(2, 5001) as n(i))"
        )
    world = closed(chain, "05-25")
    (found,) = world.rows(
        "select count(*) as parts, sum(change) as amount from matched.invoiced_goods"
    )
    assert (found["parts"], found["amount"]) == (5000, 5000)
    assert set(states(world, "invoiced").values()) == {money(1)}
    (row,) = world.rows(
        "select amount from matched.exceptions where reason = 'invoice_not_handed_over' "
        "and as_of = date '2026-05-25'"
    )
    assert row["amount"] == 5000


@pytest.mark.timeout(280)
def test_five_thousand_papers_that_name_one_order_by_another_spelling() -> None:
    chain = Chain().order("PO-70001", 1).receipt("R1", 1, order_no="po 70001").delivery("D1", 1)
    for table, columns in (
        ("goods_receipts", "'R' || i as receipt_no"),
        ("deliveries", "'D' || i as delivery_no"),
    ):
        chain.world.connection.execute(
            f"insert into staged.{table} select * exclude (i) from "
            f"(select * replace ({columns}) from staged.{table}, range(2, 5001) as n(i))"
        )
    world = closed(chain, "05-25")
    rows = world.rows(
        "select paper_kind, rule, count(*) as times from matched.resolutions "
        "group by all order by all"
    )
    assert [tuple(row.values()) for row in rows] == [("goods_receipt", "normalised", 5000)]
