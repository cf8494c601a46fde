"""When is it due: base date, term and pay days give the due date (domain.md section 3)."""

import pytest

from tests.papers import Chain
from tests.support import day

TERMS = [
    # term, days, pay days, base date, due date
    ("monthly", 30, "10", "2026-01-31", "2026-03-10"),  # case A16
    ("receipt", 30, "10;25", "2026-01-31", "2026-03-10"),  # case A16
    ("monthly", 30, None, "2026-01-31", "2026-03-02"),  # case A16: no pay days
    ("receipt", 30, None, "2026-01-31", "2026-03-02"),
    ("monthly", 30, "10", "2026-01-01", "2026-03-10"),  # the month's receipts are one batch
    ("receipt", 0, "10;25", "2026-05-10", "2026-05-11"),  # on a pay day that is a Sunday
    ("receipt", 0, "25", "2026-05-26", "2026-06-25"),  # the next month's pay day
    ("receipt", 0, "31", "2026-04-02", "2026-04-30"),  # a pay day past the month's end
    ("receipt", 0, "31", "2026-02-01", "2026-02-28"),  # Saturday, but a make-up working day
    ("receipt", 0, "3", "2026-10-01", "2026-10-08"),  # the National Day holiday
    ("receipt", 60, None, "2028-01-01", "2028-03-01"),  # a leap year
    ("monthly", 0, None, "2028-02-10", "2028-02-29"),
]


@pytest.mark.parametrize(("kind", "days", "pay_days", "base", "due"), TERMS)
def test_due_date(kind: str, days: int, pay_days: str | None, base: str, due: str) -> None:
    chain = Chain(term_kind=kind, term_days=days, pay_days=pay_days)
    chain.world.have("staged.calendar")
    chain.world.run("settled.due_dates", day_from="05-01")
    found = chain.world.rows(
        f"select due_on from settled.due_dates where base_on = date '{base}' and term_days = {days}"
    )
    assert found == [{"due_on": day(due)}]


def test_monthly_goods_are_due_before_they_are_invoiced() -> None:
    chain = Chain(term_kind="monthly", term_days=30, pay_days="10")
    world = chain.receipt("R1", 100).close()
    assert due_dates(world, "06-30") == [("R1", day("2026-07-10"))]


def test_invoice_terms_do_not_run_before_the_hand_over() -> None:
    chain = Chain(term_kind="invoice", term_days=30)
    chain.receipt("R1", 100).application("AP1", "R1", 100, "V1").invoice("V1", 100)
    world = chain.handover("V1", "06-15").close()
    assert due_dates(world, "06-14") == [("V1", None)]
    assert due_dates(world, "06-15") == [("V1", day("2026-07-15"))]


def test_an_invoice_that_no_goods_explain_runs_from_its_own_date() -> None:
    world = Chain(term_kind="invoice", term_days=30).invoice("V1", 100, on="05-10").close()
    assert due_dates(world, "06-30") == [("V1", day("2026-06-09"))]


def due_dates(world, as_of: str) -> list[tuple[str, object]]:
    rows = world.rows(
        "select document_no, due_on from settled.open_items "
        f"where as_of = date '2026-{as_of}' order by document_no"
    )
    return [(row["document_no"], row["due_on"]) for row in rows]
