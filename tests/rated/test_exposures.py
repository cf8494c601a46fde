"""What is on its way, what is at stake, and how customers paid."""

import pytest

from tests.rated.given import T, account, each_day
from tests.support import World, money

DAYS = [f"2026-08-{number:02d}" for number in range(11, 17)]


def state(order_no, known_on, stage, **given):
    return {
        "known_on": known_on, "chain_id": "YH", "order_no": order_no, "store_id": "S1",
        "ordered": 100, "delivered": 0, "received": 0, "returned": 0, "stage": stage,
    } | given  # fmt: skip


def settlement(order_no, known_on, debtor):
    return {"known_on": known_on, "chain_id": "YH", "order_no": order_no, "debtor_id": debtor}


def shipped():
    """An order on each road: plain, in two deliveries, cancelled, moved to another debtor."""
    return (
        World()
        .given(
            "matched.order_states",
            [
                state("1", "2026-08-11", "ordered"),
                state("1", "2026-08-12", "delivered", delivered=90),
                state("1", "2026-08-14", "received", delivered=90, received=60),
                state("1", "2026-08-16", "applied", delivered=90, received=60),
                state("2", "2026-08-11", "ordered"),
                state("2", "2026-08-13", "cancelled"),
                state("3", "2026-08-12", "delivered", delivered=40),
                state("4", "2026-08-12", "received", delivered=50, received=55),
            ],
        )
        .given(
            "settled.settlements",
            [
                settlement("1", "2026-08-11", "S1"),
                settlement("2", "2026-08-11", "S1"),
                settlement("3", "2026-08-12", "S1"),
                settlement("3", "2026-08-15", "HO"),
                settlement("4", "2026-08-12", "S1"),
            ],
        )
    )


def test_goods_on_the_way_as_they_become_known():
    window = shipped().run("rated.exposure_entries", day_from=DAYS[0], until=DAYS[-1])
    rows = window.rows(
        "select known_on, order_no, debtor_id, delivered_unreceived, open_orders "
        "from rated.exposure_entries order by all"
    )
    assert [(f"{row['known_on']:%m-%d}", *list(row.values())[1:]) for row in rows] == [
        ("08-11", "1", "S1", 0, 100),
        ("08-11", "2", "S1", 0, 100),
        ("08-12", "1", "S1", 90, -100),
        ("08-12", "3", "S1", 40, 0),
        ("08-13", "2", "S1", 0, -100),
        ("08-14", "1", "S1", -60, 0),
        ("08-15", "3", "HO", 40, 0),
        ("08-15", "3", "S1", -40, 0),
        ("08-16", "1", "S1", -30, 0),  # applied for: what is missing is a variance now
    ]
    single = shipped()
    for day in DAYS:
        single.run("rated.exposure_entries", day_from=day)
    query = "select * from rated.exposure_entries order by all"
    assert single.rows(query) == window.rows(query)


def item(debtor, balance, due_on=None, **given):
    return {
        "as_of": T, "debtor_id": debtor, "chain_id": "YH", "store_id": debtor,
        "balance": balance, "due_on": due_on, "is_invoiced": True,
    } | given  # fmt: skip


@pytest.fixture(scope="module")
def exposed():
    """A head office with a branch, a debtor with longer grace, and one who only paid."""
    return (
        World()
        .given(
            "rated.accounts",
            [
                account("HO", level="head_office"),
                account("S1", group_id="HO"),
                account("S2"),
                account("payer"),
                account("idle"),
                account("unrated", is_rated=False),
            ],
        )
        .given(
            "settled.open_items",
            [
                item("S1", 100, "2026-09-01"),
                item("S1", 30, is_invoiced=False),
                # case A13: nothing on the last day of grace, counted on the day after it
                item("S1", 50, "2026-08-08"),  # 7 days late: within grace
                item("S1", 20, "2026-08-07"),  # 8 days late
                item("S1", -5, "2026-08-01"),
                item("S1", 7, "2026-02-16"),  # 180 days late
                item("S1", 8, "2026-02-15"),  # 181 days late
                item("HO", 1000, "2026-09-01"),
                item("S2", 40, "2026-08-05"),  # 10 days late
                item("S2", 60, "2026-08-04"),  # 11 days late
            ],
        )
        .given("rated.debtor_terms", [{"as_of": T, "customer_id": "S2", "grace_days": 10}])
        .given(
            "rated.exposure_entries",
            [
                {"known_on": "2026-07-01", "debtor_id": "S1", "delivered_unreceived": 12,
                 "open_orders": 500},
                {"known_on": T, "debtor_id": "S1", "delivered_unreceived": -2, "open_orders": 0},
            ],
        )
        .given(
            "settled.unapplied_cash",
            [
                {"as_of": T, "transaction_no": "1", "debtor_id": "S1", "amount": 90},
                {"as_of": T, "transaction_no": "2", "debtor_id": "payer", "amount": 6},
                {"as_of": T, "transaction_no": "3", "debtor_id": None, "amount": 6},
            ],
        )
        .run("rated.exposures", day_from=T)
    )  # fmt: skip


def exposure(world, customer):
    (row,) = world.rows(f"select * from rated.exposures where customer_id = '{customer}'")
    return row


def test_parts_of_an_exposure(exposed):
    row = exposure(exposed, "S1")
    assert row["open_receivables"] == 180
    assert row["accepted_uninvoiced"] == 30
    assert row["delivered_unreceived"] == 10
    assert row["unapplied_cash"] == 90
    assert row["exposure"] == 180 + 30 + 10 - 90
    assert row["open_orders"] == 500  # shown apart


def test_a_head_office_stands_for_its_group(exposed):
    assert exposure(exposed, "HO")["exposure"] == 1000
    assert exposure(exposed, "HO")["group_exposure"] == 1130
    assert exposure(exposed, "S1")["group_exposure"] is None


def test_overdue_with_and_without_grace(exposed):
    row = exposure(exposed, "S1")
    assert row["overdue"] == 50 + 20 - 5 + 7 + 8
    assert row["overdue_beyond_grace"] == 20 - 5 + 7 + 8  # grace by policy: 7 days
    assert row["overdue_beyond_stop"] == 8
    assert row["overdue_amount_days"] == 50 * 7 + 20 * 8 - 5 * 14 + 7 * 180 + 8 * 181
    assert f"{row['oldest_due_on']}" == "2026-02-15"
    assert exposure(exposed, "S2")["overdue_beyond_grace"] == 60  # grace by agreement: 10 days


def test_who_only_paid_is_in_credit(exposed):
    assert exposure(exposed, "payer")["exposure"] == -6
    assert exposure(exposed, "idle")["exposure"] == 0


def test_audit_finds_a_debtor_without_exposure(exposed):
    assert exposed.audit("rated/exposures_hold_everything", T) == []
    exposed.given("settled.open_items", [item("nobody", 3)])
    (found,) = exposed.audit("rated/exposures_hold_everything", T)
    assert (found["customer_id"], found["exposed"], found["owed"]) == ("nobody", 0, 3)


def application(debtor, item_id, known_on, amount, transaction_no="1", **given):
    return {
        "known_on": known_on, "effective_on": known_on, "chain_id": "YH", "debtor_id": debtor,
        "account_no": "A", "transaction_no": transaction_no, "item_id": item_id,
        "amount": amount, "part": "invoice",
    } | given  # fmt: skip


def test_a_payment_is_held_against_the_due_date_known_when_it_was_placed():
    world = (
        World()
        .given(
            "settled.ledger",
            [
                {"item_id": "i", "debtor_id": "S1", "known_on": "2026-07-01", "amount": 100,
                 "entry_kind": "charge", "due_on": None},
                {"item_id": "i", "debtor_id": "S1", "known_on": "2026-08-12", "amount": 0,
                 "entry_kind": "due", "due_on": "2026-08-01"},
                {"item_id": "i", "debtor_id": "S1", "known_on": "2026-08-11", "amount": -60,
                 "entry_kind": "cash", "due_on": None},
            ],
        )
        .given(
            "staged.bank_receipts",
            [{"known_on": "2026-08-05", "account_no": "A", "transaction_no": "1",
              "received_on": "2026-08-04", "amount": 100}],
        )
        .given(
            "settled.cash_applications",
            [
                application("S1", "i", "2026-08-11", 60),
                application("S1", "i", "2026-08-13", 40),
                application("S1", "i", "2026-08-13", -5, part="deduction"),
            ],
        )
        .run("rated.payments", day_from="2026-08-11", until="2026-08-13")
    )  # fmt: skip
    rows = world.rows("select known_on, paid_on, due_on, amount from rated.payments order by all")
    assert [[str(value) for value in row.values()] for row in rows] == [
        ["2026-08-11", "2026-08-04", "None", "60.00"],
        ["2026-08-13", "2026-08-04", "2026-08-01", "40.00"],
    ]


def payment(debtor, amount, paid_on, due_on, **given):
    return {
        "known_on": paid_on, "chain_id": "YH", "debtor_id": debtor, "paid_on": paid_on,
        "due_on": due_on, "amount": amount,
    } | given  # fmt: skip


RECORD_DAYS = ("2026-08-14", T)
RECORDS = "settled.promises_kept", "rated.payment_records"


def paid():
    """Customers with all kinds of records, rated on two days."""
    deduction = {"known_on": "2026-06-01", "came_on": "2026-06-01", "chain_id": "YH",
                 "statement_no": "Z1", "deduction_id": "Z1#1", "stated_on": "2026-05-31",
                 "deduction_kind": "cash_deducted"}  # fmt: skip
    promise = {"known_on": "2026-07-01", "promised_on": "2026-07-01", "pay_by": "2026-07-20"}
    accounts = [
        account("HO", level="head_office"),
        account("S1", group_id="HO"),
        account("S2", group_id="HO", is_debtor=False),
        account("new"),
        account("silent"),
        account("year"),
        account("word"),
    ]
    return (
        World()
        .given("rated.accounts", each_day(accounts, *RECORD_DAYS))
        .given(
            "rated.payments",
            [
                payment("S1", 600, "2026-07-10", "2026-07-10"),  # on the due date
                payment("S1", 200, "2026-07-11", None),  # the clock was not running
                payment("S1", 200, "2026-07-20", "2026-07-10"),  # 10 days late
                payment("S1", 999, "2026-08-15", "2026-01-10", known_on="2026-08-20"),
                payment("year", 100, "2025-08-14", "2025-01-01"),  # leaves the record on 14 August
                payment("year", 100, "2025-08-15", "2025-08-15"),  # leaves it on 15 August
                payment("year", 50, "2025-08-16", "2025-08-16"),
            ],
        )
        .given(
            "rated.exposures",
            each_day(
                [
                    {"customer_id": "S1", "overdue": 0, "overdue_amount_days": 0},
                    {"customer_id": "silent", "overdue": 50, "overdue_amount_days": 50 * 90},
                    {"customer_id": "word", "overdue": -9, "overdue_amount_days": -90},
                ],
                *RECORD_DAYS,
            ),
        )
        .given(
            "staged.statements",
            [
                {"known_on": "2026-06-01", "chain_id": "YH", "statement_no": "Z1"},
                {"known_on": "2026-08-15", "chain_id": "YH", "statement_no": "Z1"},
            ],
        )
        .given(
            "settled.deductions",
            [
                deduction | {"debtor_id": "S1", "disputed_amount": 900},
                deduction | {"debtor_id": "S1", "disputed_amount": 500, "deduction_id": "Z1#2",
                             "deduction_kind": "paid_separately"},
                # weighed anew, because an earlier statement came again
                deduction | {"debtor_id": "S1", "disputed_amount": 40, "known_on": "2026-06-20"},
                deduction | {"debtor_id": "S1", "disputed_amount": 20, "known_on": "2026-08-15",
                             "came_on": "2026-08-15"},
            ],
        )
        .given(
            "staged.promises",
            [
                promise | {"customer_id": "word", "amount": 100},
                promise | {"customer_id": "word", "amount": 101, "promised_on": "2026-07-02"},
                promise | {"customer_id": "word", "amount": 9, "pay_by": "2026-08-15"},
            ],
        )
        .given(
            "settled.payers",
            [
                {"known_on": "2026-07-21", "payer_id": "word", "account_no": "A",
                 "transaction_no": "1", "received_on": "2026-07-20", "amount": 100},
                {"known_on": "2026-07-22", "payer_id": "word", "account_no": "A",
                 "transaction_no": "2", "received_on": "2026-07-21", "amount": 900},
            ],
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def records():
    return paid().run(*RECORDS, day_from="2026-08-14", until=T)


def record(world, customer, day=T):
    (row,) = world.rows(
        f"select * from rated.payment_records where customer_id = '{customer}' and as_of = '{day}'"
    )
    return row


# a head office has its group's record, and so has a branch that owes nothing itself
@pytest.mark.parametrize("customer", ["S1", "HO", "S2"])
def test_record_of_what_was_paid_when(records, customer):
    row = record(records, customer)
    assert (row["paid"], row["paid_on_time"]) == (1000, 800)
    assert row["on_time_share"] == money("0.80")
    assert row["days_late"] == 2  # 200 of 1,000 were 10 days late


def test_a_restated_statement_changes_what_is_disputed(records):
    assert record(records, "S1", "2026-08-14")["disputed_share"] == money("0.04")
    assert record(records, "S1")["disputed_share"] == money("0.02")


def test_what_is_overdue_counts_as_late_though_nothing_was_paid(records):
    row = record(records, "silent")
    assert (row["on_time_share"], row["days_late"]) == (0, 90)


def test_a_new_customer_has_no_record(records):
    row = record(records, "new")
    assert (row["on_time_share"], row["days_late"], row["disputed_share"]) == (None, None, None)


def test_payments_leave_the_record_after_a_year(records):
    assert record(records, "year", "2026-08-14")["paid"] == 150
    assert record(records, "year")["paid"] == 50


def test_a_promise_is_broken_when_less_came_in_time(records):
    row = record(records, "word")
    assert (row["promises_due"], row["promises_broken"]) == (2, 1)


def test_records_day_by_day_equal_one_window(records):
    single = paid()
    for day in RECORD_DAYS:
        single.run(*RECORDS, day_from=day)
    query = "select * from rated.payment_records order by all"
    assert single.rows(query) == records.rows(query)
