"""Aging by document age and by overdue days, and the provision."""

import pytest

from tests.support import World, day, money

T = "2026-07-31"


def aged(*items, until=None):
    """A world whose open items were aged on T (or from T until a later day)."""
    world = World().given("settled.open_items", [item(**given) for given in items])
    return world.run("aged.aging", day_from=T, until=until)


def item(**given):
    """An open invoice of 100 of store S1, owed by its head office HO, unless said otherwise."""
    return {
        "as_of": T, "item_id": "i", "item_kind": "invoice", "chain_id": "YH", "debtor_id": "HO",
        "store_id": "S1", "document_on": T, "balance": 100, "is_invoiced": True,
    } | given  # fmt: skip


OVERDUE = [
    ("2026-07-01", "1-30"),  # A6: T - 30
    ("2026-06-30", "31-60"),  # A6: T - 31
    ("2026-07-31", "not_due"),  # A6: due today
    (None, "not_due"),  # A6: no due date
    ("2026-08-01", "not_due"),
    ("2026-07-30", "1-30"),
    ("2026-06-01", "31-60"),
    ("2026-05-31", "61-90"),
    ("2026-05-02", "61-90"),
    ("2026-05-01", "91-120"),
    ("2026-04-02", "91-120"),
    ("2026-04-01", "121-180"),
    ("2026-02-01", "121-180"),
    ("2026-01-31", "181-365"),
    ("2025-07-31", "181-365"),
    ("2025-07-30", ">365"),
    ("2019-01-01", ">365"),
]
DATED = [
    ("2026-07-31", "0-30"),
    ("2026-07-01", "0-30"),
    ("2026-06-30", "31-60"),
    ("2026-08-05", "0-30"),  # dated after the day
    ("2025-07-31", "181-365"),
    ("2025-07-30", ">365"),
]
PROVISION = [
    ("2026-07-31", "100.00", "within 1 year", "5.00"),
    ("2025-07-31", "100.00", "within 1 year", "5.00"),
    ("2025-07-30", "100.00", "1-2 years", "10.00"),
    ("2024-07-30", "100.00", "2-3 years", "30.00"),
    ("2023-07-31", "100.00", "2-3 years", "30.00"),
    ("2023-07-30", "100.00", "over 3 years", "50.00"),
    ("2026-08-09", "0.30", "within 1 year", "0.02"),  # half a cent is rounded up
    ("2023-07-30", "-100.00", "over 3 years", "0.00"),  # a band in credit needs none
]


@pytest.fixture(scope="module")
def cases():
    """All the cases above in one world, each a debtor of its own."""
    items = [
        *(item(debtor_id=f"overdue {n}", due_on=case[0]) for n, case in enumerate(OVERDUE)),
        *(item(debtor_id=f"dated {n}", document_on=case[0]) for n, case in enumerate(DATED)),
        *(
            item(debtor_id=f"provision {n}", document_on=case[0], balance=case[1])
            for n, case in enumerate(PROVISION)
        ),
    ]
    world = World().given("settled.open_items", items)
    return world.run("aged.aging", "aged.provision", day_from=T)


def bucket_of(world, debtor, basis):
    """The only bucket of a debtor by a basis."""
    (row,) = world.rows(
        f"select bucket from aged.aging where debtor_id = '{debtor}' and basis = '{basis}'"
    )
    return row["bucket"]


@pytest.mark.parametrize("number", range(len(OVERDUE)))
def test_overdue_bucket_by_due_date(cases, number):
    assert bucket_of(cases, f"overdue {number}", "overdue") == OVERDUE[number][1]


@pytest.mark.parametrize("number", range(len(DATED)))
def test_document_bucket_by_date(cases, number):
    assert bucket_of(cases, f"dated {number}", "document") == DATED[number][1]


@pytest.mark.parametrize("number", range(len(PROVISION)))
def test_provision_by_year_of_the_document(cases, number):
    _, balance, band, provision = PROVISION[number]
    rows = cases.rows(
        f"select band, amount, provision from aged.provision where debtor_id = 'provision {number}'"
    )
    assert rows == [{"band": band, "amount": money(balance), "provision": money(provision)}]


def test_uninvoiced_goods_are_shown_apart():
    world = aged({"balance": "70.10"}, {"item_id": "j", "balance": "9.90", "is_invoiced": False})
    rows = world.rows(
        "select is_invoiced, amount from aged.aging where basis = 'document' order by is_invoiced"
    )
    assert rows == [
        {"is_invoiced": False, "amount": money("9.90")},
        {"is_invoiced": True, "amount": money("70.10")},
    ]


def test_credits_that_name_nothing_are_not_hidden_by_what_is_owed_elsewhere():  # A3
    world = aged({"balance": 60}, {"item_id": "j", "balance": -100, "document_on": "2026-06-01"})
    rows = world.rows(
        "select bucket, amount from aged.aging where basis = 'document' order by bucket"
    )
    assert rows == [
        {"bucket": "0-30", "amount": money(60)},
        {"bucket": "31-60", "amount": money(-100)},
    ]


def test_debtor_and_store_are_both_kept():
    world = aged({}, {"item_id": "j", "store_id": "S2"}, {"item_id": "k", "debtor_id": "S2"})
    rows = world.rows(
        "select debtor_id, store_id, amount from aged.aging where basis = 'overdue' "
        "order by debtor_id, store_id"
    )
    assert [(row["debtor_id"], row["store_id"], row["amount"]) for row in rows] == [
        ("HO", "S1", money(100)), ("HO", "S2", money(100)), ("S2", "S1", money(100)),
    ]  # fmt: skip


def test_each_day_of_a_window_has_its_slice():
    world = aged(
        {"due_on": "2026-07-31"}, {"as_of": "2026-08-01", "due_on": "2026-07-31"},
        until="2026-08-01",
    )  # fmt: skip
    rows = world.rows("select as_of, bucket from aged.aging where basis = 'overdue' order by as_of")
    assert rows == [
        {"as_of": day(T), "bucket": "not_due"},
        {"as_of": day("2026-08-01"), "bucket": "1-30"},
    ]


def test_audit_finds_aging_that_is_not_the_open_items():
    world = aged({"due_on": "2026-06-30"}, {"item_id": "j", "store_id": "S2"})
    assert world.audit("aged/aging_equals_open_items", T) == []
    world.rows("update aged.aging set store_id = 'S3' where store_id = 'S2' and basis = 'overdue'")
    found = world.audit("aged/aging_equals_open_items", T)
    assert {(row["basis"], row["debtor_id"], row["store_id"]) for row in found} == {
        ("overdue", None, "S2"), ("overdue", None, "S3"),
    }  # fmt: skip
    world.rows("update aged.aging set amount = amount + 0.01 where basis = 'document'")
    found = world.audit("aged/aging_equals_open_items", T)
    assert ("document", "HO", None) in {
        (row["basis"], row["debtor_id"], row["store_id"]) for row in found
    }


def test_audit_finds_aging_that_is_not_the_ledger():
    world = aged({"balance": 40}).given(
        "settled.ledger",
        [
            entry(amount=100),
            entry(amount=-60, entry_kind="cash", known_on=T),
            entry(amount=-40, entry_kind="cash", known_on="2026-08-02"),
        ],
    )
    assert world.audit("aged/aging_equals_ledger", T) == []
    world.rows("delete from settled.ledger where amount = -60")
    found = world.audit("aged/aging_equals_ledger", T)
    assert {(row["basis"], row["aging"], row["ledger"]) for row in found} == {
        ("document", money(40), money(100)), ("overdue", money(40), money(100)),
    }  # fmt: skip


def test_audit_finds_open_items_that_no_provision_band_holds():
    world = World().given("settled.open_items", [item(), item(item_id="j", debtor_id="S2")])
    world.run("aged.provision", day_from=T)
    assert world.audit("aged/provision_equals_open_items", T) == []
    world.rows("delete from aged.provision where debtor_id = 'S2'")
    (found,) = world.audit("aged/provision_equals_open_items", T)
    assert (found["debtor_id"], found["bands"], found["open_items"]) == ("S2", 0, 100)


def entry(**given):
    """A ledger entry of the item above, known and effective on 20 July."""
    return {
        "item_id": "i", "item_kind": "invoice", "entry_kind": "charge", "chain_id": "YH",
        "debtor_id": "HO", "store_id": "S1", "effective_on": "2026-07-20",
        "known_on": "2026-07-20", "amount": 100,
    } | given  # fmt: skip
