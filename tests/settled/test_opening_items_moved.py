"""A later list of opening items gives an item to another customer, store, chain or date."""

from typing import Any

import pytest

from tests.papers import FLOW, Chain
from tests.support import World, upstream

OPENING = ("staged.opening_items",)
ALL = list(dict.fromkeys([*OPENING, *FLOW, *upstream("settled.trial", stages=("settled",))]))
AUDITS = [
    "settled/cash_received_is_applied_or_unapplied",
    "settled/debtor_view_equals_store_view",
    "settled/every_entry_names_debtor_and_store",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
    "settled/trial_adds_up",
    "settled/write_offs_are_small_and_of_paid_items",
]
# what the second list says otherwise; (day, customer, store, balance) of what is open by the days
LISTED: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "another customer": (
        {"customer_id": "S2", "store_id": "S2"},
        [("06-14", "HO", "S1", 60), ("06-15", "S2", "S2", 60), ("06-20", "S2", "S2", 10)],
    ),
    "another store": (
        {"store_id": "S2"},
        [("06-14", "HO", "S1", 60), ("06-15", "HO", "S2", 60), ("06-20", "HO", "S2", 10)],
    ),
    "another customer and balance": (
        {"customer_id": "S2", "store_id": "S2", "balance": 95},
        [("06-14", "HO", "S1", 60), ("06-15", "S2", "S2", 55), ("06-20", "S2", "S2", 5)],
    ),
    "another customer, and less than was paid": (
        {"customer_id": "S2", "store_id": "S2", "balance": 30}, [("06-14", "HO", "S1", 60)],
    ),
    "a customer of another chain, which does not pay with this one's money": (
        {"customer_id": "D-HO", "store_id": "D-HO"},
        [("06-14", "HO", "S1", 60), ("06-15", "D-HO", "D-HO", 100), ("06-20", "D-HO", "D-HO", 100)],
    ),
    "the same": (
        {}, [("06-14", "HO", "S1", 60), ("06-15", "HO", "S1", 60), ("06-20", "HO", "S1", 10)],
    ),
}  # fmt: skip
DAYS = ("06-14", "06-15", "06-20")


def told() -> World:
    """Items of 100, of which 40 are paid on 10 June and 50 on 20 June; another list on 15 June."""
    chain = Chain("branch_head")
    Chain("branch_head", chain_id="D", world=chain.world)
    chain.world.run(*Chain.START, day_from="05-01")
    for number, (said, _) in enumerate(LISTED.values()):
        item = {
            "known_on": "05-01", "item_id": f"I{number}", "customer_id": "HO", "store_id": "S1",
            "document_no": f"OLD-{number}", "document_on": "2026-02-10", "due_on": "2026-04-10",
            "balance": 100, "is_invoiced": True,
        }  # fmt: skip
        chain.world.given("received.opening_items", [item])
        if said:
            chain.world.given("received.opening_items", [{**item, **said, "known_on": "06-15"}])
        for day, amount in (("06-10", 40), ("06-20", 50)):
            chain.payment(f"T{number}-{day}", amount, f"OLD-{number}", on=day)
    chain.world.have("staged.calendar")
    return chain.world


@pytest.fixture(scope="module")
def closed() -> World:
    return told().run(*ALL, day_from="05-01", until="06-30")


@pytest.mark.parametrize("case", LISTED)
def test_an_item_goes_where_the_later_list_says_and_its_money_with_it(closed, case) -> None:
    days = " or ".join(f"as_of = date '2026-{day}'" for day in DAYS)
    rows = closed.rows(
        "select strftime(as_of, '%m-%d') as day, debtor_id, store_id, balance "
        f"from settled.open_items where item_id = 'I{list(LISTED).index(case)}' and ({days}) "
        "order by as_of, debtor_id"
    )
    assert [tuple(row.values()) for row in rows] == LISTED[case][1]


def test_what_an_item_does_not_take_any_more_is_unapplied(closed) -> None:
    rows = closed.rows(
        "select transaction_no, amount from settled.unapplied_cash "
        "where as_of = date '2026-06-30' order by transaction_no"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("T3-06-10", 10), ("T3-06-20", 50), ("T4-06-10", 40), ("T4-06-20", 50),
    ]  # fmt: skip


def test_nothing_is_edited_the_entries_say_what_happened(closed) -> None:
    rows = closed.rows(
        "select strftime(known_on, '%m-%d') as day, entry_kind, debtor_id, amount, "
        "strftime(effective_on, '%m-%d') as effective, evidence from settled.ledger "
        "where item_id = 'I2' and known_on = date '2026-06-15' order by entry_kind, debtor_id"
    )
    before = "a list of opening items named another customer or store before"
    assert [tuple(row.values())[1:5] for row in rows] == [
        ("cash", "HO", 40, "06-10"), ("cash", "S2", -40, "06-10"),
        ("correction", "S2", -5, "02-10"),
        ("moved", "HO", -100, "02-10"), ("moved", "S2", 100, "02-10"),
    ]  # fmt: skip
    assert rows[-1]["evidence"] == before
    assert rows[0]["evidence"].startswith("goes with what it pays; ")


def test_the_trial_and_the_audits_hold(closed) -> None:
    (row,) = closed.rows(
        "select sum(opened) as opened, sum(transferred) as transferred, sum(cash) as cash "
        "from settled.trial where as_of = date '2026-06-15'"
    )
    assert (row["opened"], row["transferred"], row["cash"]) == (-75, 0, -50)
    for audit in AUDITS:
        assert closed.audit(audit, "05-01", "06-30") == [], audit


def test_day_by_day_as_in_one_run(closed) -> None:
    daily = told()
    windows = (("05-01", "06-09"), ("06-10", "06-14"), ("06-15", "06-15"), ("06-16", "06-30"))
    for day_from, until in (*windows, ("06-15", "06-30")):
        daily.run(*ALL, day_from=day_from, until=until)
    for table in ("staged.opening_items", "settled.ledger", "settled.open_items", "settled.trial"):
        query = f"select * from {table} order by all"
        assert daily.rows(query) == closed.rows(query) != [], table


def test_a_later_list_may_only_date_an_item_anew() -> None:
    chain = Chain("branch_head")
    item = {
        "known_on": "05-01", "item_id": "I", "customer_id": "HO", "document_no": "OLD",
        "document_on": "2026-02-10", "due_on": "2026-04-10", "balance": 100,
    }  # fmt: skip
    later = {**item, "known_on": "05-20", "due_on": "2026-06-10"}
    chain.world.given("received.opening_items", [item, later])
    chain.world.have("staged.calendar")
    chain.world.run(*ALL, day_from="05-01", until="05-31")
    rows = chain.world.rows(
        "select distinct due_on, min(as_of) as since from settled.open_items "
        "where balance = 100 group by due_on order by due_on"
    )
    assert [[str(value) for value in row.values()] for row in rows] == [
        ["2026-04-10", "2026-05-01"], ["2026-06-10", "2026-05-20"],
    ]  # fmt: skip


def test_the_money_on_the_rest_of_an_invoice_goes_with_it_to_another_store() -> None:
    """The rest stands on the buyer until goods of another store explain a part of the invoice."""
    chain = Chain("branch_branch")
    chain.invoice("V1", 100, buyer_id="S1").payment("T1", 80, "V1", on="06-05")
    chain.receipt("R1", 60, on="06-10", store_id="S2")
    chain.application("A1", "R1", 60, "V1", on="06-10", store_id="S2")
    chain.world.have("staged.calendar")
    world = chain.world.run(*ALL, day_from="05-01", until="06-30")
    for day, expected in (("06-09", [("S1", "S1", 20)]), ("06-10", [("S2", "S2", 20)])):
        rows = world.rows(
            "select debtor_id, store_id, balance from settled.open_items "
            f"where as_of = date '2026-{day}' order by all"
        )
        assert [tuple(row.values()) for row in rows] == expected, day
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-30") == [], audit
