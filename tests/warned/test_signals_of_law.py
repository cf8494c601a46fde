"""When the warnings about the law fire: terms beyond its ceilings, claims about to be barred."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from receivables.policy import Warnings
from tests.rated.given import T
from tests.support import POLICY, World, day


def ago(days: int, on: str = T) -> str:
    return (day(on) - timedelta(days=days)).isoformat()


def told(world: World, table: str, as_of: str = T) -> dict[str, dict]:
    """What a table says of each customer on a day, after it was computed."""
    world.run(table, day_from=as_of)
    return {row["customer_id"]: row for row in world.rows(f"from {table}")}


# --- legal term


def terms(kind: str, days: int | None, valid_to: str | None = None):
    return {
        "known_on": "2026-05-01", "chain_id": "YH", "store_id": "S1", "agreement_id": "A1",
        "debtor_id": "HO", "term_kind": kind, "term_days": days, "valid_from": "2026-01-01",
        "valid_to": valid_to,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "days", "valid_to", "is_told"),
    [
        ("receipt", 60, None, False),
        ("receipt", 61, None, True),
        ("monthly", 30, None, False),  # goods of the 1st wait 60 days
        ("monthly", 31, None, True),
        ("invoice", 60, None, False),
        ("invoice", 75, None, True),
        ("receipt", 90, "2026-08-14", False),  # over
        ("batch", None, None, False),
    ],
)
def test_an_agreed_term_beyond_the_ceiling(kind, days, valid_to, is_told):
    world = World().given("staged.store_terms", [terms(kind, days, valid_to)])
    found = told(world, "warned.legal_term_signals")
    assert [(name, row["severity"]) for name, row in found.items()] == (
        [("HO", "medium")] if is_told else []
    )
    assert all("order 17 of 2006" in row["evidence"] for row in found.values())


def test_both_an_agreed_term_and_unpaid_goods_beyond_the_ceiling_are_grave():
    item = {
        "as_of": T, "item_id": "1", "item_kind": "invoice", "debtor_id": "HO", "store_id": "S1",
        "document_on": ago(90), "balance": "100.00",
    }  # fmt: skip
    world = World().given("settled.open_items", [item])
    assert told(world, "warned.legal_term_signals")["HO"]["severity"] == "medium"
    world.given("staged.store_terms", [terms("receipt", 75)])
    assert told(world, "warned.legal_term_signals")["HO"]["severity"] == "high"
    small = World().given("settled.open_items", [item | {"balance": "99.99"}])
    assert told(small, "warned.legal_term_signals") == {}


@pytest.mark.parametrize(("age", "is_told"), [(60, False), (61, True)])
def test_goods_unpaid_beyond_the_ceiling(age, is_told):
    item = {
        "as_of": T, "item_id": "1", "item_kind": "uninvoiced", "debtor_id": "HO",
        "store_id": "S1", "document_on": ago(age), "balance": "1234.50",
    }  # fmt: skip
    found = told(World().given("settled.open_items", [item]), "warned.legal_term_signals")
    assert [row["evidence"] for row in found.values()] == (
        [
            (
                "1,234.50 is open more than 60 days, the oldest since 2026-06-15: order 802 makes "
                "large buyers pay small suppliers within 60 days of delivery"
            )
        ]
        if is_told
        else []
    )


def test_the_ceiling_is_that_of_policy():
    """Another day from which the ordinance holds, and no extra days for monthly terms."""
    changed = {"legal_term_month_days": 0, "legal_term_since": date(2026, 8, 1)}
    warnings = POLICY.warnings.model_copy(update=changed)
    item = {
        "as_of": T, "item_id": "1", "item_kind": "uninvoiced", "store_id": "S1", "balance": 100,
    }  # fmt: skip
    world = World(POLICY.model_copy(update={"warnings": warnings}), apart=True)
    world.given("staged.store_terms", [terms("monthly", 60, None)])
    world.given("settled.open_items", [item | {"debtor_id": "old", "document_on": "2026-06-01"}])
    world.given("settled.open_items", [item | {"debtor_id": "new", "document_on": "2026-06-02"}])
    assert list(told(world, "warned.legal_term_signals")) == ["new"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"limitation_last_days": 181}, "limitation_last_days must not be more than limitation_"),
        ({"legal_term_since": "June"}, "valid date"),
        ({"legal_term_month_days": 32}, "less than or equal to 31"),
    ],
)
def test_a_policy_of_warnings_that_cannot_be_is_refused(changed, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Warnings.model_validate({**POLICY.warnings.model_dump(), **changed})


# --- limitation clock


def clock(as_of: str, paid_on: str | None = None, promised_on: str | None = None, others=()):
    item = {
        "as_of": as_of, "item_id": "1", "debtor_id": "HO", "store_id": "S1",
        "due_on": "2023-08-15", "balance": 500,
    }  # fmt: skip
    world = World().given("settled.open_items", [item])
    if paid_on:
        world.given("settled.payers", [payer(paid_on, "HO")])
    if promised_on:
        world.given("staged.promises", [{"known_on": promised_on, "promised_on": promised_on,
                    "customer_id": "HO"}])  # fmt: skip
    for table, row in others:
        world.given(table, [row])
    rows = told(world, "warned.limitation_clock_signals", as_of)
    return rows.get("HO")


def payer(received_on: str, debtor: str | None, known_on: str = "", **fields):
    return {
        "known_on": known_on or received_on, "received_on": received_on, "account_no": "ACC",
        "transaction_no": "T1", "payer_id": debtor, "debtor_id": debtor, "amount": 1, **fields,
    }  # fmt: skip


def confirmed(on: str, known_on: str = "", amount: int = 500):
    return (
        "staged.confirmations",
        {"known_on": known_on or on, "customer_id": "HO", "confirmed_on": on, "amount": amount},
    )


@pytest.mark.parametrize(
    ("as_of", "severity"),
    [
        ("2026-02-15", None),  # 181 days left
        ("2026-02-16", "medium"),
        ("2026-07-15", "medium"),
        ("2026-07-16", "high"),  # 30 days left
        ("2026-08-15", "high"),
        ("2027-01-01", "high"),
    ],
)
def test_a_debt_is_barred_three_years_after_it_fell_due(as_of, severity):
    found = clock(as_of)
    assert (found and found["severity"]) == severity


def test_the_clock_says_its_rule_and_its_days():
    assert clock("2026-07-16")["evidence"] == (
        "500.00 is due since 2023-08-15 or later; no payment, promise or signed confirmation "
        "since, so the claim is barred after 2026-08-15 (30 days left): Civil Code, article 188"
    )
    assert "was barred on 2026-08-15" in clock("2026-08-16")["evidence"]


def test_a_payment_or_a_promise_begins_the_three_years_anew():
    assert clock("2026-08-01", paid_on="2024-01-31") is None
    assert clock("2026-08-05", paid_on="2024-01-31", promised_on="2024-03-01") is None
    found = clock("2026-08-14", paid_on="2024-01-31", promised_on="2023-09-01")
    assert found is not None
    assert "the last payment was on 2024-01-31" in found["evidence"]
    assert clock("2026-08-14", promised_on="2026-08-20")["severity"] == "high"  # not yet known


def test_a_payment_is_that_of_the_debtor_for_whom_it_was_found_to_be():
    paid = "2024-03-01"
    # the branch pays for its head office
    branch = ("settled.payers", payer(paid, "HO", payer_id="S1"))
    assert clock("2026-08-01", others=[branch]) is None
    # a stranger's money, until a person says whose it is
    stranger = ("settled.payers", payer(paid, None))
    decided = ("settled.payers", payer(paid, "HO", known_on="2026-08-10"))
    assert clock("2026-08-09", others=[stranger, decided])["severity"] == "high"
    assert clock("2026-08-10", others=[stranger, decided]) is None
    # money that turns out to be another's
    taken_back = ("settled.payers", payer(paid, "XX", known_on="2026-08-10"))
    assert clock("2026-08-09", paid_on=paid, others=[taken_back]) is None
    assert clock("2026-08-10", paid_on=paid, others=[taken_back])["severity"] == "high"


def test_a_signed_confirmation_begins_the_three_years_anew():
    assert clock("2026-08-01", others=[confirmed("2024-03-01")]) is None
    found = clock("2026-08-14", others=[confirmed("2023-09-01", known_on="2026-08-14")])
    assert "the last signed confirmation was on 2023-09-01" in found["evidence"]
    assert "is barred after 2026-09-01" in found["evidence"]
    # not yet known, and one by which nothing is owed
    assert clock("2026-08-13", others=[confirmed("2023-09-01", known_on="2026-08-14")])[
        "evidence"
    ].endswith("is barred after 2026-08-15 (2 days left): Civil Code, article 188")
    nothing = [confirmed("2024-03-01", amount=0)]
    assert clock("2026-08-01", others=nothing)["severity"] == "high"
    # a corrected version counts in its place
    corrected = [confirmed("2024-03-01"), confirmed("2024-03-01", "2026-08-10", amount=0)]
    assert clock("2026-08-09", others=corrected) is None
    assert clock("2026-08-10", others=corrected)["severity"] == "high"
