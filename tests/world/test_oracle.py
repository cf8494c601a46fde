"""The oracle's own rules, on cases small enough to check by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from benchmarks.world.truth.books import Books
from benchmarks.world.truth.evidence import Version
from benchmarks.world.truth.items import bucket
from benchmarks.world.truth.links import bill, capped
from benchmarks.world.truth.terms import due_on

D = Decimal
JANUARY_31 = date(2026, 1, 31)


def term(kind: str, days: int, pay_days: str | None) -> dict[str, object]:
    return {"term_kind": kind, "term_days": days, "pay_days": pay_days}


@pytest.mark.parametrize(
    ("agreement", "goods_on", "handed_over_on", "expected"),
    [
        (term("monthly", 30, "10"), JANUARY_31, None, date(2026, 3, 10)),
        (term("receipt", 30, "10;25"), JANUARY_31, None, date(2026, 3, 10)),
        (term("receipt", 30, None), JANUARY_31, None, date(2026, 3, 2)),
        (term("invoice", 45, "15"), JANUARY_31, None, None),
        # 15 August 2026 is a Saturday.
        (term("invoice", 45, "15"), JANUARY_31, date(2026, 6, 20), date(2026, 8, 17)),
        # The pay day 31 is clipped to a short month.
        (term("receipt", 0, "31"), date(2026, 4, 12), None, date(2026, 4, 30)),
        (None, JANUARY_31, None, None),
    ],
)
def test_due_dates(agreement, goods_on, handed_over_on, expected):
    assert due_on(agreement, goods_on, handed_over_on) == expected


@pytest.mark.parametrize(
    ("day", "basis", "expected"),
    [
        (date(2026, 6, 30), "overdue", "not_due"),
        (date(2026, 5, 31), "overdue", "1-30"),
        (date(2026, 5, 30), "overdue", "31-60"),
        (None, "overdue", "not_due"),
        (date(2026, 5, 31), "document", "0-30"),
        (date(2026, 5, 30), "document", "31-60"),
        (date(2025, 6, 29), "document", ">365"),
    ],
)
def test_buckets(day, basis, expected):
    assert bucket(date(2026, 6, 30), day, basis) == expected


@pytest.mark.parametrize(
    ("amount", "limits", "expected"),
    [
        (D(100), (D(80), D(90)), D(80)),
        (D(-100), (D(-80), D(-90)), D(-80)),
        (D(-100), (D(80), D(-90)), D(0)),
        (D(100), (D(0), D(90)), D(0)),
    ],
)
def test_caps_respect_signs(amount, limits, expected):
    assert capped(amount, *limits) == expected


def learn(books: Books, kind: str, key: tuple[str, ...], known_on: date, **row: object) -> None:
    books.learn(Version(kind, key, known_on, "", [row]))


def blue(status: str) -> dict[str, object]:
    return {
        "amount": D("100.00"),
        "status": status,
        "is_red": False,
        "red_of_invoice_no": None,
    }


def invoiced_receipt() -> Books:
    books = Books()
    learn(books, "goods_receipts", ("YH", "R1"), date(2026, 5, 1), amount=D("100.00"))
    learn(
        books, "invoice_applications", ("A1",), date(2026, 5, 2),
        chain_id="YH", receipt_no="R1", invoice_no="F1", amount=D("100.00"),
    )  # fmt: skip
    learn(books, "invoices", ("F1",), date(2026, 5, 3), **blue("normal"))
    return books


def test_a_link_is_known_with_its_last_paper():
    billing = bill(invoiced_receipt())
    (link,) = billing.of_receipt["YH", "R1"]
    assert (link.amount, link.known_on) == (D("100.00"), date(2026, 5, 3))
    assert billing.rests == {}


@pytest.mark.parametrize("status", ["void", "red_full"])
def test_a_reversed_invoice_bills_nothing(status):
    books = invoiced_receipt()
    learn(books, "invoices", ("F1",), date(2026, 5, 9), **blue(status))
    billing = bill(books)
    assert not billing.of_receipt["YH", "R1"]
    assert billing.rests == {}


def test_a_full_red_invoice_undoes_before_the_blue_one_is_exported_again():
    books = invoiced_receipt()
    learn(
        books, "invoices", ("F2",), date(2026, 5, 9),
        amount=D("-100.00"), status="normal", is_red=True, red_of_invoice_no="F1",
    )  # fmt: skip
    assert not bill(books).of_receipt["YH", "R1"]


def test_a_partial_red_invoice_posts_its_rest_on_the_one_it_names():
    books = invoiced_receipt()
    learn(
        books, "invoices", ("F2",), date(2026, 5, 9),
        amount=D("-11.30"), status="normal", is_red=True, red_of_invoice_no="F1",
    )  # fmt: skip
    assert bill(books).rests == {"F1": D("-11.30")}
