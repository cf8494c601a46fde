"""Exceptions from their first day to their last: when they open, close, and what they say."""

from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World


def days_of(world: World, reason: str) -> tuple[str, str] | None:
    """First and last day of a reason in the window, as MM-DD."""
    rows = world.rows(
        "select min(as_of) as first_on, max(as_of) as last_on, count(*) as days, "
        "count(distinct exception_id) as ids, count(distinct opened_on) as openings "
        f"from matched.exceptions where reason = '{reason}' having count(*) > 0"
    )
    if not rows:
        return None
    (row,) = rows
    assert row["days"] == (row["last_on"] - row["first_on"]).days + 1, "an unbroken stretch"
    assert (row["ids"], row["openings"]) == (1, 1)
    return f"{row['first_on']:%m-%d}", f"{row['last_on']:%m-%d}"


def one(world: World, reason: str, as_of: str) -> dict[str, Any]:
    (row,) = world.rows(
        "select * from matched.exceptions "
        f"where reason = '{reason}' and as_of = date '2026-{as_of}'"
    )
    return row


def billed(chain: Chain) -> Chain:
    chain.application("A1", "R1", 100, "V1", on="05-05").invoice("V1", 100, on="05-05")
    return chain


def test_a_copy_is_told_on_the_day_on_which_it_comes() -> None:
    chain = Chain().order("O1", 100)
    copy = {"sku": "milk", "amount": 100, "is_duplicate": True, "is_standing": False}
    chain.lines("orders", "O1", [copy, {**copy, "amount": 20}], on="05-03")
    chain.lines("orders", "O2", [{**copy, "amount": 0}], on="05-03")
    world = chain.progress()
    assert days_of(world, "duplicate_document") == ("05-03", "05-03")
    assert one(world, "duplicate_document", "05-03")["amount"] == 120


def test_an_exception_that_closes_and_comes_back_opens_anew_under_its_name() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 110, order_no="O1")
    chain.delivery("D1", 100, order_no="O1", on="05-02", known_on="05-10")
    world = chain.delivery("D1", 105, order_no="O1", on="05-02", known_on="05-20").progress()
    rows = world.rows(
        "select exception_id, opened_on, max(days_open) as days_open from matched.exceptions "
        "where reason = 'over_delivered' group by all order by opened_on"
    )
    assert len({row["exception_id"] for row in rows}) == 1
    assert [f"{row['opened_on']:%m-%d}" for row in rows] == ["05-02", "05-20"]
    assert [row["days_open"] for row in rows] == [7, 41]


def test_one_invoice_for_two_open_orders_is_one_exception_that_shrinks_as_they_are_paid() -> None:
    chain = Chain()
    for number in ("1", "2"):
        chain.order(f"O{number}", 100).receipt(f"R{number}", 100, order_no=f"O{number}")
        chain.application(f"A{number}", f"R{number}", 100, "V1", on="05-05")
    chain.invoice("V1", 200, on="05-05")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 100}], on="06-01")
    world = chain.payment("T1", 100, "ST1", on="06-10").progress()
    before, after = (one(world, "invoice_not_handed_over", day) for day in ("06-09", "06-10"))
    assert (before["amount"], after["amount"]) == (200, 100)
    assert before["exception_id"] == after["exception_id"]
    assert before["opened_on"] == after["opened_on"]


def test_who_acts_is_the_account_manager_or_the_desk_that_can() -> None:
    chain = Chain("branch_head").order("O1", 100).delivery("D1", 100, order_no="O1")
    chain.world.connection.execute(
        "update staged.customers set manager = 'Lin' where customer_id = 'S1'"
    )
    chain.order("O2", 50, store_id="S2").delivery("D2", 50, order_no="O2", store_id="S2")
    world = chain.order("O3", 10).progress()
    rows = world.rows(
        "select order_no, owner, debtor_id, next_action, evidence from matched.exceptions "
        "where as_of = date '2026-06-30' order by order_no"
    )
    assert [(row["order_no"], row["owner"]) for row in rows] == [
        ("O1", "Lin"), ("O2", "客户经理"), ("O3", "仓库"),
    ]  # fmt: skip
    assert {row["debtor_id"] for row in rows} == {"HO"}
    assert all(row["next_action"] for row in rows)
    assert rows[0]["evidence"] == "delivered 100.00 on 2026-05-02, no goods receipt"


AUDIT_FAULTS = {
    "order_states_equal_their_papers": [
        f"update matched.order_states set {step} = {step} + 0.01"
        for step in (
            "ordered", "delivered", "received", "returned", "applied", "invoiced", "handed_over",
            "stated", "paid",
        )
    ],
    "variances_sum_to_the_difference": [
        "update matched.variances set amount = amount + 0.01",
        "delete from matched.variances where step = 'delivery'",
    ],
    "exceptions_name_owner_and_action": [
        "update matched.exceptions set owner = null",
        "update matched.exceptions set next_action = null",
        "update matched.exceptions set amount = 0",
        "update matched.exceptions set opened_on = as_of + 1",
        "insert into matched.exceptions from matched.exceptions",
    ],
    "exceptions_follow_the_order_states": [
        "delete from matched.exceptions where reason = 'undelivered'",
        "update matched.exceptions set amount = amount + 1 where reason = 'undelivered'",
        "update matched.exceptions set order_no = 'O1', document_no = 'O1' where order_no = 'O3'",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    """O1 is paid, O2 was delivered short, O3 was never delivered."""
    chain = Chain(apart=True).order("O1", 100).delivery("D1", 100, order_no="O1")
    billed(chain.receipt("R1", 100, order_no="O1")).handover("V1", "05-12")
    chain.payment("T1", 100, "V1", on="05-15")
    chain.order("O2", 100).delivery("D2", 90, order_no="O2")
    return chain.order("O3", 30).progress()


@pytest.mark.parametrize("audit", AUDIT_FAULTS)
def test_every_planted_fault_is_found(world: World, audit: str) -> None:
    name = f"matched/{audit}"
    assert world.audit(name, "05-01", "06-30") == []
    for fault in AUDIT_FAULTS[audit]:
        with world.rolled_back():
            world.connection.execute(fault)
            assert world.audit(name, "05-01", "06-30") != [], fault
