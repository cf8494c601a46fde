"""Which goods receipts sum to the invoices that no application and no remark names."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from assets.matched.queries import invoice_sums as queries
from assets.python_model import PythonModel
from io_managers.session import Session, Window
from receivables.receipt_sum_sentences import sentence
from receivables.receipt_sums import (
    NEVER,
    Finding,
    Invoice,
    Questions,
    Receipt,
    Verdict,
)

TABLE = "matched.invoice_sums"

SCHEMA = {
    "known_on": pl.Date,
    "chain_id": pl.String,
    "invoice_no": pl.String,
    "verdict": pl.String,
    "answer_no": pl.Int32,
    "receipt_no": pl.String,
    "amount": pl.Decimal(18, 2),
    "score": pl.Decimal(5, 4),
    "reason": pl.String,
    "evidence": pl.String,
    "file_id": pl.String,
    "sheet": pl.String,
    "row_no": pl.Int64,
}

# What a score is worth of one that is applied, where several answers fit.
CONTESTED_PART, SEVERAL_PART = Decimal("0.9"), Decimal("0.7")

Row = dict[str, Any]


def summed(session: Session, window: Window) -> pl.DataFrame:
    """The answers that changed on the window's days, as in `SCHEMA`."""
    session.use(window)
    session.prepare(TABLE, MODEL.empty)  # what stood before is read from it
    invoices = _by_chain(session.rows(queries.INVOICES))
    standing = _by_chain(session.rows(queries.STANDING))
    receipts = _by_chain(session.rows(queries.RECEIPTS) if invoices else [])
    (policy,) = session.rows(queries.POLICY)
    rows: list[tuple[object, ...]] = []
    for chain_id in sorted(invoices):
        papers = {row["invoice_no"]: row for row in invoices[chain_id]}
        questions = Questions(
            {no: _invoice(row) for no, row in papers.items()},
            _candidates(receipts.get(chain_id, ())),
            _findings(row for row in standing.get(chain_id, ()) if row["invoice_no"] in papers),
            policy["most"],
            policy["most_a_day"],
            policy["score"] >= policy["apply_from"],
            policy["chance"],
        )
        for day, no, found in questions.answers(window.days):
            rows += _rows(day, papers[no], found, policy["score"])
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _invoice(row: Row) -> Invoice:
    return Invoice(
        row["invoice_no"], row["amount"], row["asked_from"], row["asked_until"],
        row["closed_on"] or NEVER, row["closed_by"] or "",
    )  # fmt: skip


def _candidates(rows: Iterable[Row]) -> Mapping[str, list[Receipt]]:
    """The receipts of each invoice, by number."""
    found: dict[str, list[Receipt]] = {}
    for row in rows:
        amounts = tuple((version["known_on"], version["amount"]) for version in row["amounts"])
        receipt = Receipt(
            row["receipt_no"], row["receipt_date"], amounts, row["from_on"],
            row["taken_on"] or NEVER, _decided(row["decided"] or ()),
        )  # fmt: skip
        found.setdefault(row["invoice_no"], []).append(receipt)
    return found


def _decided(said: Iterable[Row]) -> tuple[tuple[date, bool], ...]:
    """What was decided on a receipt, a day at a time."""
    return tuple((each["known_on"], each["is_match"]) for each in said)


def _findings(rows: Iterable[Row]) -> dict[str, Finding]:
    """The answers that stood before the window, from the rows in which they were told."""
    told: dict[str, list[Row]] = {}
    for row in rows:
        told.setdefault(row["invoice_no"], []).append(row)
    found: dict[str, Finding] = {}
    for no, lines in told.items():
        subsets: dict[int, list[tuple[str, Decimal]]] = {}
        for line in lines:
            if line["receipt_no"] is not None:
                subset = subsets.setdefault(line["answer_no"], [])
                subset.append((line["receipt_no"], line["amount"]))
        found[no] = Finding(
            Verdict(lines[0]["verdict"]),
            tuple(tuple(sorted(subsets[place])) for place in sorted(subsets)),
            why=lines[0]["reason"] or "",
        )
    return found


def _rows(day: date, paper: Row, found: Finding, score: Decimal) -> Iterator[tuple[object, ...]]:
    """A row per receipt of each answer; one without receipt where there is no answer."""
    told = (found.why or None, sentence(found, paper["buyer_id"], paper["amount"]))
    origin = (paper["file_id"], paper["sheet"], paper["row_no"])
    about = (day, paper["chain_id"], paper["invoice_no"], found.verdict.value)
    if not found.subsets:
        yield *about, None, None, None, None, *told, *origin
    for place, subset in enumerate(found.subsets, start=1):
        likeness = round(score * _part(found.verdict), 4)
        for receipt_no, amount in subset:
            yield *about, place, receipt_no, amount, likeness, *told, *origin


def _part(verdict: Verdict) -> Decimal:
    if verdict == Verdict.ONE:
        return Decimal(1)
    return CONTESTED_PART if verdict == Verdict.CONTESTED else SEVERAL_PART


def _by_chain(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["chain_id"], []).append(row)
    return grouped


MODEL = PythonModel(
    table=TABLE,
    description=(
        "One row per invoice that no application and no remark names, choice of receipts that sum "
        "to it, returns taken off where none do without (answer_no), and receipt (receipt_no), on "
        "the day on which the answer changed; a day replaces all rows of the invoice. An invoice "
        "without a choice has one row that says why. Only what is the only choice, and no other "
        "invoice's, is taken (`one`)."
    ),
    queries=(queries.STANDING, queries.INVOICES, queries.RECEIPTS),
    schema=SCHEMA,
    make=summed,
)

invoice_sums = MODEL.asset()
