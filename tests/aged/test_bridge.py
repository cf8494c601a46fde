"""The bridge from the balance of the day before to the balance of the day."""

import pytest

from tests.support import World, money

BEFORE = "2026-06-01"  # earlier than all entries
D = "2026-07-20"
BRIDGE = "aged.changes", "aged.bridge"


def entry(**given):
    """Goods worth 100 of HO, received on D, known on D, unless said otherwise."""
    return {
        "item_id": "i", "item_kind": "uninvoiced", "entry_kind": "charge", "chain_id": "YH",
        "debtor_id": "HO", "store_id": "S1", "effective_on": D, "known_on": D, "amount": 100,
        "receipt_no": "R1", "document_on": D,
    } | given  # fmt: skip


def bridged(*entries, day_from=D, until=None):
    """A world with these ledger entries, its open items and its bridge."""
    world = World().given("settled.ledger", [entry(**given) for given in entries])
    world.run("settled.item_balances", day_from=BEFORE, until=until or day_from)
    return world.run("settled.open_items", *BRIDGE, day_from=day_from, until=until)


def causes(world, day_=D, debtor="HO"):
    """Cause to amount of a debtor's day."""
    rows = world.rows(
        f"select cause, amount from aged.bridge where as_of = '{day_}' and debtor_id = '{debtor}'"
    )
    return {row["cause"]: row["amount"] for row in rows}


CAUSES = [
    ({}, "new_goods"),
    ({"amount": -30, "receipt_no": "R2"}, "returns"),
    ({"entry_kind": "correction", "amount": -5}, "restatements"),
    ({"item_kind": "invoice", "receipt_no": None, "invoice_no": "V1"}, "new_invoices"),
    ({"item_kind": "red_invoice", "receipt_no": None, "invoice_no": "V1", "amount": -100},
     "reversals"),
    ({"item_kind": "invoice", "entry_kind": "correction", "receipt_no": None,
      "invoice_no": "V1", "amount": -100}, "reversals"),
    ({"item_kind": "invoice", "entry_kind": "reversal", "invoice_no": "V1", "amount": -100},
     "reversals"),
    ({"item_kind": "invoice", "entry_kind": "cash", "amount": -100}, "cash"),
    ({"item_kind": "deduction", "entry_kind": "repaid", "amount": -5, "receipt_no": None},
     "deductions"),
    ({"item_kind": "deduction", "entry_kind": "accepted", "amount": -5, "receipt_no": None},
     "deductions"),
    ({"item_kind": "invoice", "entry_kind": "write_off", "amount": "-0.50"}, "write_offs"),
    ({"entry_kind": "moved", "amount": -100}, "transfers"),
    ({"item_kind": "deduction", "entry_kind": "taken", "amount": 5, "receipt_no": None},
     "cash"),
    ({"item_kind": "deduction", "entry_kind": "supported", "amount": -5, "receipt_no": None},
     "deductions"),
    ({"item_kind": "invoice", "receipt_no": None, "effective_on": "2025-12-01"},
     "opening_items"),
    ({"effective_on": "2026-07-13"}, "new_goods"),  # 7 days late
    ({"effective_on": "2026-07-12"}, "late_paper"),  # 8 days late
    # a correction is no late paper, however long after the goods it comes
    ({"entry_kind": "correction", "amount": -5, "effective_on": "2026-06-01"}, "restatements"),
    ({"entry_kind": "cash", "amount": -100, "effective_on": "2026-06-01"}, "cash"),
    ({"effective_on": D, "known_on": "2026-07-01"}, "new_goods"),  # dated in the future
]  # fmt: skip


@pytest.fixture(scope="module")
def cases():
    """All the causes above in one world, each with a debtor of its own."""
    return bridged(*(given | {"debtor_id": f"D{n}"} for n, (given, _) in enumerate(CAUSES)))


@pytest.mark.parametrize("number", range(len(CAUSES)))
def test_cause_of_a_change(cases, number):
    given, cause = CAUSES[number]
    amount = money(given.get("amount", 100))
    assert causes(cases, debtor=f"D{number}") == {"opening": 0, cause: amount, "closing": amount}


def test_goods_that_become_invoiced_are_no_cause():
    world = bridged(
        {"effective_on": "2026-07-01", "known_on": "2026-07-01"},
        {"entry_kind": "invoiced", "amount": -100},
        {"entry_kind": "charge", "item_kind": "invoice", "item_id": "v", "invoice_no": "V1"},
    )
    assert causes(world) == {"opening": money(100), "closing": money(100)}


@pytest.mark.parametrize("entry_kind", ["correction", "moved"])
def test_invoice_whose_goods_are_found_later_is_not_owed_twice(entry_kind):
    invoice = {"item_kind": "invoice", "item_id": "v", "invoice_no": "V1"}
    early = {"effective_on": "2026-07-10", "known_on": "2026-07-10"}
    world = bridged(
        early,
        early | invoice | {"receipt_no": None},
        {"entry_kind": "invoiced", "amount": -100},
        invoice | {"item_id": "part"},
        invoice | {"receipt_no": None, "entry_kind": entry_kind, "amount": -100},
    )
    assert causes(world) == {
        "opening": money(200), "new_invoices": money(-100), "closing": money(100),
    }  # fmt: skip


def test_goods_that_move_to_another_debtor_are_transfers_of_both():
    early = {"effective_on": "2026-07-01", "known_on": "2026-07-01"}
    world = bridged(
        early,
        {"entry_kind": "moved", "amount": -100},
        {"entry_kind": "moved", "amount": 100, "debtor_id": "S1"},
    )
    assert causes(world) == {"opening": money(100), "transfers": money(-100), "closing": 0}
    assert causes(world, debtor="S1") == {
        "opening": 0, "transfers": money(100), "closing": money(100),
    }  # fmt: skip


def test_a_debtor_at_rest_with_nothing_owed_has_no_bridge():
    paid = {"entry_kind": "cash", "amount": -100}
    early = {"effective_on": "2026-07-01", "known_on": "2026-07-01"}
    assert causes(bridged(early, early | paid)) == {}


def test_bought_and_paid_on_one_day_is_shown():
    assert causes(bridged({}, {"entry_kind": "cash", "amount": -100})) == {
        "opening": 0, "new_goods": money(100), "cash": money(-100), "closing": 0,
    }  # fmt: skip


ENTRIES = (
    {"known_on": "2026-07-18", "effective_on": "2026-07-18"},
    {"known_on": "2026-07-19", "effective_on": "2026-07-21", "amount": 7, "item_id": "j"},
    {"known_on": "2026-07-20", "effective_on": "2026-07-20", "amount": -40, "entry_kind": "cash"},
    {"known_on": "2026-07-22", "effective_on": "2026-07-01", "amount": 9, "item_id": "k"},
    {"known_on": "2026-07-22", "effective_on": "2026-07-22", "amount": 1, "debtor_id": "S2"},
)


def test_one_window_equals_day_by_day():
    window = bridged(*ENTRIES, day_from="2026-07-17", until="2026-07-23")
    single = World().given("settled.ledger", [entry(**given) for given in ENTRIES])
    for number in range(17, 24):
        tables = "settled.item_balances", "settled.open_items", *BRIDGE
        single.run(*tables, day_from=f"2026-07-{number}")
    query = "select * from aged.bridge order by all"
    assert window.rows(query) == single.rows(query)
    assert causes(window, "2026-07-22") == {
        "opening": money(67), "late_paper": money(9), "closing": money(76),
    }  # fmt: skip


def test_clean_bridge_passes_its_audits():
    world = bridged(*ENTRIES, day_from="2026-07-17", until="2026-07-23")
    for audit in ("bridge_adds_up", "bridge_ends_on_open_items", "bridge_starts_where_it_ended"):
        assert world.audit(f"aged/{audit}", "2026-07-17", "2026-07-23") == []


def test_audit_finds_a_bridge_that_does_not_add_up():
    world = bridged({}, {"entry_kind": "cash", "amount": -40})
    world.rows("delete from aged.bridge where cause = 'cash'")
    (found,) = world.audit("aged/bridge_adds_up", D)
    assert (found["opening"], found["causes"], found["closing"]) == (0, 100, 60)


def test_audit_finds_open_items_that_the_ledger_does_not_explain():
    world = World().given("settled.ledger", [entry()])
    world.run("settled.item_balances", "settled.open_items", day_from=D)
    world.rows("update settled.open_items set balance = 101")
    world.run(*BRIDGE, day_from=D)
    (found,) = world.audit("aged/bridge_adds_up", D)
    assert (found["opening"] + found["causes"], found["closing"]) == (100, 101)


def test_audit_finds_a_closing_that_is_not_the_open_items():
    world = bridged({})
    world.rows("delete from settled.open_items")
    (found,) = world.audit("aged/bridge_ends_on_open_items", D)
    assert (found["closing"], found["open_items"]) == (100, 0)


def test_audit_finds_an_opening_that_is_not_the_closing_before():
    world = bridged(*ENTRIES, day_from="2026-07-17", until="2026-07-20")
    world.rows(
        "update aged.bridge set amount = amount + 1 "
        "where as_of = '2026-07-19' and cause = 'closing'"
    )
    (found,) = world.audit("aged/bridge_starts_where_it_ended", "2026-07-20")
    assert (found["opening"], found["closing_before"]) == (100, 101)
