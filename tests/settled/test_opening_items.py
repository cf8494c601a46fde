"""Items open before the first day: owed, paid, in credit, corrected, with dates of their own."""

from typing import Any

import pytest

from tests.papers import FLOW, Chain
from tests.support import World, money, upstream

FLOW_WITH_TRIAL = list(dict.fromkeys([*FLOW, *upstream("settled.trial", stages=("settled",))]))
# item: balance, payment naming its document, what is open after it
ITEMS: dict[str, tuple[Any, Any, Any]] = {
    "UNPAID": (100, None, 100),
    "PAID": (100, 100, 0),
    "PARTLY": (200, 150, 50),
    "NEARLY": (100, "99.50", 0),
    "CREDIT": (-80, None, -80),
}


def opening(item: str, balance: Any, **fields: Any) -> dict[str, Any]:
    return {
        "known_on": "05-01", "item_id": f"I-{item}", "chain_id": "C", "customer_id": "HO",
        "store_id": "S1", "document_no": f"OLD-{item}", "document_on": "2026-02-10",
        "due_on": "2026-04-10", "balance": balance, "is_invoiced": True, **fields,
    }  # fmt: skip


@pytest.fixture(scope="module")
def closed() -> World:
    chain = Chain("branch_head")
    world = chain.world
    world.given("staged.opening_items", [opening(item, row[0]) for item, row in ITEMS.items()])
    world.given("staged.opening_items", [opening("GOODS", 30, is_invoiced=False, due_on=None)])
    world.given("staged.opening_items", [opening("WRONG", 100)])
    world.given("staged.opening_items", [opening("WRONG", 60, known_on="05-20")])
    for item, (_, paid, _) in ITEMS.items():
        if paid:
            chain.payment(f"T-{item}", paid, f"OLD-{item}", on="06-10")
    world.have("staged.calendar")
    return world.run(*FLOW_WITH_TRIAL, day_from="05-01", until="06-30")


def balance(world: World, item: str, as_of: str) -> Any:
    (row,) = world.rows(
        "select coalesce(sum(balance), 0) as balance from settled.open_items "
        f"where item_id = 'I-{item}' and as_of = date '2026-{as_of}'"
    )
    return row["balance"]


@pytest.mark.parametrize("item", ITEMS)
def test_an_opening_item_is_owed_from_the_first_day_and_paid_by_its_number(closed, item) -> None:
    opened, _, left = ITEMS[item]
    days = [balance(closed, item, day) for day in ("05-01", "06-09", "06-10")]
    assert days == [money(opened), money(opened), money(left)]


def test_an_opening_item_keeps_its_dates_and_its_kind(closed) -> None:
    rows = closed.rows(
        "select item_id, item_kind, document_on, due_on, original_amount, is_invoiced "
        "from settled.open_items where as_of = date '2026-06-30' "
        "and item_id in ('I-PARTLY', 'I-GOODS') order by item_id"
    )
    assert [[str(value) for value in row.values()] for row in rows] == [
        ["I-GOODS", "uninvoiced", "2026-02-10", "None", "30.00", "False"],
        ["I-PARTLY", "invoice", "2026-02-10", "2026-04-10", "200.00", "True"],
    ]


def test_a_corrected_list_changes_the_balance_by_an_entry_of_its_own(closed) -> None:
    assert [balance(closed, "WRONG", day) for day in ("05-19", "05-20")] == [100, 60]
    entries = closed.rows(
        "select entry_kind, amount from settled.ledger where item_id = 'I-WRONG' order by known_on"
    )
    assert entries == [
        {"entry_kind": "charge", "amount": 100}, {"entry_kind": "correction", "amount": -40},
    ]  # fmt: skip


def test_the_trial_brings_them_in_apart_from_what_the_days_charge(closed) -> None:
    rows = closed.rows(
        "select as_of, opening, opened, charged, cash, write_offs, closing from settled.trial "
        "order by as_of"
    )
    assert [[str(value)[-7:] for value in row.values()] for row in rows] == [
        ["6-05-01", "0.00", "550.00", "0.00", "0.00", "0.00", "550.00"],
        ["6-05-20", "550.00", "-40.00", "0.00", "0.00", "0.00", "510.00"],
        ["6-06-10", "510.00", "0.00", "0.00", "349.50", "0.50", "160.00"],
    ]
    assert closed.audit("settled/trial_adds_up", "05-01", "06-30") == []
