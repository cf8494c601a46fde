"""Numbers that keep the end of an invoice's number find their invoice, or are reported."""

from typing import Any

import pytest

from tests.support import World

ONE = "26327000000742719331"
OTHER = "26327000000842719331"  # ends like ONE
PAPER = "42719331"  # what an ERP keeps of it, and a paper invoice's whole number
TABLES = (
    "staged.number_resolutions",
    "staged.invoice_handovers",
    "staged.invoice_applications",
    "staged.statement_lines",
    "staged.statement_invoices",
    "staged.remittance_advices",
)


def invoice(on: str, number: str, chain: str | None = "C", **fields: Any) -> tuple[str, Any]:
    row = {"known_on": on, "invoice_no": number, "chain_id": chain, "is_red": False, "amount": 113}
    return "staged.invoices", {**row, **fields}


def application(on: str, number: str | None, no: str = "A1", **fields: Any) -> tuple[str, Any]:
    row = {"known_on": on, "application_no": no, "chain_id": "C", "applied_on": on, "amount": 113}
    return "received.invoice_applications", {**row, "invoice_no": number, **fields}


def handover(on: str, number: str) -> tuple[str, Any]:
    return "received.invoice_handovers", {
        "known_on": on, "invoice_no": number, "handed_over_on": on,
    }  # fmt: skip


def advice(on: str, number: str) -> tuple[str, Any]:
    row = {"known_on": on, "chain_id": "C", "advice_no": "R1", "line_no": 1, "amount": 113}
    return "received.remittance_advices", {**row, "invoice_no": number}


def statement(on: str, number: str) -> tuple[str, Any]:
    row = {"known_on": on, "chain_id": "C", "statement_no": "S1", "line_no": 1, "amount": 113}
    return "received.statements", {**row, "line_kind": "receipt", "invoice_no": number}


def statement_invoice(on: str, number: str) -> tuple[str, Any]:
    row = {"known_on": on, "chain_id": "C", "statement_no": "S1", "line_no": 1, "amount": 113}
    return "received.statement_invoices", {**row, "invoice_no": number}


def closed(*papers: tuple[str, Any], day_by_day: bool = False) -> World:
    world = World()
    for table, row in papers:
        world.given(table, [row])
    if day_by_day:
        for day in ("05-01", "05-02", "05-03", "05-04", "05-05"):
            world.run(*TABLES, day_from=day)
    else:
        world.run(*TABLES, day_from="05-01", until="05-05")
    return world


def verdicts(world: World) -> list[tuple[str, str, str | None]]:
    rows = world.rows(
        "select strftime(known_on, '%m-%d') as day, verdict, invoice_no "
        "from staged.number_resolutions order by known_on"
    )
    return [(row["day"], row["verdict"], row["invoice_no"]) for row in rows]


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ([invoice("05-01", ONE), application("05-02", PAPER)], [("05-02", "resolved", ONE)]),
        (
            [application("05-01", PAPER), invoice("05-03", ONE)],
            [("05-01", "unknown", None), ("05-03", "resolved", ONE)],
        ),
        # another chain's invoice is not meant; one whose chain nobody knows may be
        ([invoice("05-01", ONE, "D"), application("05-02", PAPER)], [("05-02", "unknown", None)]),
        ([invoice("05-01", ONE, None), application("05-02", PAPER)], [("05-02", "resolved", ONE)]),
        (
            [invoice("05-01", ONE), invoice("05-01", OTHER), application("05-02", PAPER)],
            [("05-02", "ambiguous", None)],
        ),
        # what was taken stays taken, and the doubt is told
        (
            [invoice("05-01", ONE), application("05-02", PAPER), invoice("05-03", OTHER)],
            [("05-02", "resolved", ONE), ("05-03", "contested", ONE)],
        ),
        # a paper invoice has the number itself
        ([invoice("05-01", PAPER), invoice("05-01", ONE), application("05-02", PAPER)], []),
        (
            [application("05-01", PAPER), invoice("05-02", PAPER)],
            [("05-01", "unknown", None), ("05-02", "exact", None)],
        ),
        # whole numbers, words and short numbers are nobody's end
        ([invoice("05-01", ONE), application("05-02", ONE)], []),
        ([invoice("05-01", ONE), application("05-02", None)], []),
        ([invoice("05-01", ONE), application("05-02", PAPER[1:])], []),
        ([invoice("05-01", ONE), application("05-02", "A" + PAPER)], []),
        # a hand-over names no chain
        ([invoice("05-01", ONE, "D"), handover("05-02", PAPER)], [("05-02", "resolved", ONE)]),
        (
            [invoice("05-01", ONE, "D"), invoice("05-01", OTHER), handover("05-02", PAPER)],
            [("05-02", "ambiguous", None)],
        ),
        ([invoice("05-01", ONE), advice("05-02", PAPER)], [("05-02", "resolved", ONE)]),
        ([invoice("05-01", ONE), statement("05-02", PAPER)], [("05-02", "resolved", ONE)]),
        # a red invoice waits for its blue one
        (
            [invoice("05-01", OTHER, is_red=True, red_of_invoice_no=ONE), invoice("05-03", ONE)],
            [("05-01", "unknown", None), ("05-03", "exact", None)],
        ),
    ],
)
@pytest.mark.parametrize("day_by_day", [False, True])
def test_the_end_of_a_number_means_the_only_invoice_that_ends_so(
    papers: list[tuple[str, Any]], expected: list[tuple[str, str, str | None]], day_by_day: bool
) -> None:
    assert verdicts(closed(*papers, day_by_day=day_by_day)) == expected


def lines(world: World, table: str, *columns: str) -> list[tuple[Any, ...]]:
    names = ", ".join(columns)
    rows = world.rows(
        f"select strftime(known_on, '%m-%d') as day, {names} from {table} order by all"
    )
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("day_by_day", [False, True])
def test_an_application_is_known_anew_when_its_invoice_is(day_by_day: bool) -> None:
    world = closed(
        application("05-01", PAPER, receipt_no="R1"),
        application("05-01", "11111111", receipt_no="R2", row_no=2),
        invoice("05-03", ONE),
        day_by_day=day_by_day,
    )
    columns = ("line_no", "receipt_no", "invoice_no", "invoice_no_as_sent")
    assert lines(world, "staged.invoice_applications", *columns) == [
        ("05-01", 1, "R1", PAPER, PAPER),
        ("05-01", 2, "R2", "11111111", "11111111"),
        ("05-03", 1, "R1", ONE, PAPER),
        ("05-03", 2, "R2", "11111111", "11111111"),
    ]


@pytest.mark.parametrize("day_by_day", [False, True])
def test_a_later_version_of_the_application_keeps_the_invoice(day_by_day: bool) -> None:
    world = closed(
        application("05-01", PAPER),
        invoice("05-03", ONE),
        application("05-03", PAPER, amount=100),
        application("05-04", PAPER, amount=90),
        day_by_day=day_by_day,
    )
    assert lines(world, "staged.invoice_applications", "amount", "invoice_no") == [
        ("05-01", 113, PAPER),
        ("05-03", 100, ONE),
        ("05-04", 90, ONE),
    ]


@pytest.mark.parametrize("day_by_day", [False, True])
def test_a_hand_over_counts_for_the_invoice_from_the_day_both_are_known(day_by_day: bool) -> None:
    world = closed(handover("05-01", PAPER), invoice("05-03", ONE), day_by_day=day_by_day)
    columns = ("invoice_no", "invoice_no_as_sent")
    assert lines(world, "staged.invoice_handovers", *columns) == [
        ("05-01", PAPER, PAPER),
        ("05-03", ONE, PAPER),
    ]


def test_one_hand_over_under_both_numbers_is_one() -> None:
    world = closed(invoice("05-01", ONE), handover("05-02", ONE), handover("05-02", PAPER))
    assert lines(world, "staged.invoice_handovers", "invoice_no", "invoice_no_as_sent") == [
        ("05-02", ONE, ONE)
    ]


@pytest.mark.parametrize(
    ("table", "paper"),
    [
        ("staged.statement_lines", statement),
        ("staged.statement_invoices", statement_invoice),
        ("staged.remittance_advices", advice),
    ],
)
def test_statements_and_advices_keep_the_number_as_sent_beside(table: str, paper: Any) -> None:
    world = closed(invoice("05-01", ONE), paper("05-02", PAPER))
    assert lines(world, table, "invoice_no", "invoice_no_as_sent") == [("05-02", ONE, PAPER)]
