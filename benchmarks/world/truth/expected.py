"""Replay a world day by day and write the tables that must come out."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.world.looks.canonical import text
from benchmarks.world.model import ZERO, month_end
from benchmarks.world.truth.books import Books
from benchmarks.world.truth.cash import CashBook
from benchmarks.world.truth.consigned import stock
from benchmarks.world.truth.deductions import judge
from benchmarks.world.truth.evidence import Evidence, read_evidence
from benchmarks.world.truth.faults import faults
from benchmarks.world.truth.items import OpenItem, aging, open_items, unapplied
from benchmarks.world.truth.links import bill
from benchmarks.world.truth.papers import Papers, order_states, sort_papers
from benchmarks.world.world import World

Table = list[list[object]]
Tables = dict[str, Table]

STEPS = ("ordered", "delivered", "received", "returned", "applied", "invoiced", "handed_over",
         "stated", "paid")  # fmt: skip
_HEADINGS: dict[str, tuple[str, ...]] = {
    "settlements": (
        "chain_id", "order_no", "pattern", "ship_to_id", "order_account_id", "debtor_id",
        "agreement_id", "is_inferred", "conflict",
    ),
    "order_states": (
        "chain_id", "order_no", "store_id", *STEPS, "stage", "missing_document", "is_implied",
    ),
    "open_items": (
        "as_of", "item_kind", "chain_id", "debtor_id", "store_id", "document_no", "receipt_no",
        "document_on", "due_on", "balance", "is_invoiced",
    ),
    "aging": ("as_of", "debtor_id", "store_id", "basis", "bucket", "is_invoiced", "amount"),
    "unapplied_cash": ("as_of", "transaction_no", "debtor_id", "received_on", "amount"),
    "cash": (
        "transaction_no", "received_on", "amount", "payer_id", "rule", "first_applied_on",
        "applied", "unapplied",
    ),
    "clearings": ("transaction_no", "known_on", "chain_id", "unit_kind", "unit_no", "amount"),
    "deductions": (
        "chain_id", "statement_no", "line_no", "store_id", "debtor_id", "fee_code",
        "deduction_kind", "amount", "agreement_id", "supported_amount", "disputed_amount",
        "verdict",
    ),
    "write_offs": (
        "as_of", "item_kind", "chain_id", "debtor_id", "store_id", "document_no", "receipt_no",
        "amount",
    ),
    "consigned_stock": (
        "as_of", "chain_id", "debtor_id", "store_id", "receipt_no", "receipt_date", "accepted",
        "reported", "at_store",
    ),
    "agreement_faults": ("as_of", "chain_id", "agreement_id", "fault", "other_id"),
    "monthly_sales": ("month", "store_id", "debtor_id", "amount"),
    "rejected_rows": ("path", "known_on", "kind", "field", "value"),
    "files": (
        "path", "known_on", "kind", "rows_in", "rows_staged", "rows_duplicate", "rows_rejected",
        "amount_in", "amount_staged", "amount_duplicate", "amount_rejected",
    ),
}  # fmt: skip


def expected_files(world: World) -> dict[str, bytes]:
    """Return the expected tables as CSV and the planted counts as JSON, by file name."""
    evidence = read_evidence(world.files)
    tables = _replay(world, evidence)
    tables["files"] = _files(evidence)
    tables["rejected_rows"] = [
        [file.path, file.known_on, bad.kind, bad.field, bad.row[bad.field]]
        for file in world.files
        for bad in file.bad_rows
    ]
    result = {f"{name}.csv": _csv([list(_HEADINGS[name]), *rows]) for name, rows in tables.items()}
    planted = {
        "seed": world.settings.seed,
        "first_day": world.settings.first_day.isoformat(),
        "last_day": world.settings.last_day.isoformat(),
        "orders": len(world.story.orders),
        "files": len(world.files),
        "planted": dict(sorted(world.story.planted.items())),
        "examples": dict(sorted(world.story.examples.items())),
    }
    result["planted.json"] = (json.dumps(planted, ensure_ascii=False, indent=1) + "\n").encode()
    return result


def _replay(world: World, evidence: Evidence) -> Tables:
    """Learn each day's papers, place its cash; write down month ends and the last day."""
    tables: Tables = {name: [] for name in _HEADINGS if name not in ("files", "rejected_rows")}
    books, cash = Books(), CashBook()
    by_day = evidence.by_day()
    day = world.settings.first_day
    while day <= world.settings.last_day:
        for version in by_day.get(day, []):
            books.learn(version)
        billing = bill(books)
        cash.close_day(books, billing, day)
        if day == month_end(day) or day == world.settings.last_day:
            papers = sort_papers(books)
            items = open_items(books, billing, cash, papers)
            tables["open_items"] += [
                [
                    day, *_named(item), item.document_on, item.due_on, item.balance,
                    item.is_invoiced,
                ]
                for item in items
                if item.balance
            ]  # fmt: skip
            tables["write_offs"] += [
                [day, *_named(item), item.written_off] for item in items if item.written_off
            ]
            tables["consigned_stock"] += [[day, *row] for row in stock(books, papers)]
            tables["agreement_faults"] += [[day, *row] for row in faults(books)]
            for key, amount in sorted(aging(day, items).items(), key=lambda x: str(x[0])):
                tables["aging"].append([day, *key, amount])
            for row in unapplied(books, cash):
                tables["unapplied_cash"].append([day, *row])
        day += timedelta(days=1)
    papers = sort_papers(books)
    tables["settlements"] = _settlements(books, papers)
    for state in order_states(books, papers, bill(books), cash):
        tables["order_states"].append(
            [*state.order, state.store_id, *(state.amounts[step] for step in STEPS), state.stage,
             state.missing_document, state.is_implied]
        )  # fmt: skip
    tables["cash"] = _cash(cash)
    tables["clearings"] = [
        [
            c.transaction_no,
            c.known_on,
            c.unit[1] or _chain_of_invoice(books, c.unit[2]),
            c.unit[0],
            c.unit[2],
            c.amount,
        ]
        for c in cash.clearings
    ]
    tables["deductions"] = _deductions(books)
    tables["monthly_sales"] = _monthly_sales(books, papers)
    return tables


def _named(item: OpenItem) -> list[object]:
    return [
        item.item_kind, item.chain_id, item.debtor_id, item.store_id, item.document_no,
        item.receipt_no,
    ]  # fmt: skip


def _chain_of_invoice(books: Books, invoice_no: str) -> str | None:
    invoice = books.head("invoices", invoice_no)
    return books.customer(books.buyer(invoice)).get("chain_id") if invoice else None


def _settlements(books: Books, papers: Papers) -> Table:
    rows: Table = []
    for order in sorted(papers.orders):
        found = papers.settlement(books, order)
        rows.append(
            [
                *order, found.pattern, found.ship_to_id, found.order_account_id,
                found.debtor_id, found.agreement_id, found.is_inferred, found.rivals,
            ]
        )  # fmt: skip
    return rows


def _cash(cash: CashBook) -> Table:
    first: dict[str, date] = {}
    applied: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for clearing in cash.clearings:
        first.setdefault(clearing.transaction_no, clearing.known_on)
        applied[clearing.transaction_no] += clearing.amount
    return [
        [
            number, payment.row["received_on"], payment.row["amount"], payment.payer_id,
            payment.rule, first.get(number), applied[number], payment.left,
        ]
        for number, payment in sorted(cash.payments.items())
    ]  # fmt: skip


def _deductions(books: Books) -> Table:
    rows: Table = []
    for key in sorted(books.latest["statements"]):
        statement = books.latest["statements"][key]
        known_on = books.first_day["statements", key]
        for line in statement:
            if line["line_kind"] == "deduction":
                v = judge(books, statement, line, known_on)
                rows.append(
                    [
                        v.chain_id, v.statement_no, v.line_no, v.store_id, v.debtor_id,
                        v.fee_code, v.deduction_kind, v.amount, v.agreement_id, v.supported,
                        v.disputed, v.verdict,
                    ]
                )  # fmt: skip
    return rows


def _monthly_sales(books: Books, papers: Papers) -> Table:
    """Accepted goods net of returns, by month of the receipt."""
    totals: dict[tuple[str, str, str], Decimal] = defaultdict(lambda: ZERO)
    for chain_id, receipt_no in books.latest["goods_receipts"]:
        receipt = books.head("goods_receipts", chain_id, receipt_no)
        assert receipt is not None
        debtor_id = papers.settlement_of_receipt(books, chain_id, receipt_no).debtor_id
        key = (
            f"{receipt['receipt_date']:%Y-%m}",
            str(books.store(chain_id, receipt["store_code"])), str(debtor_id),
        )  # fmt: skip
        totals[key] += books.amount("goods_receipts", chain_id, receipt_no)
    return [[*key, totals[key]] for key in sorted(totals)]


def _files(evidence: Evidence) -> Table:
    return [
        [
            c.path, c.known_on, c.kind, c.rows_staged + c.rows_duplicate + c.rows_rejected,
            c.rows_staged, c.rows_duplicate, c.rows_rejected,
            c.amount_staged + c.amount_duplicate + c.amount_rejected,
            c.amount_staged, c.amount_duplicate, c.amount_rejected,
        ]
        for c in evidence.counts
    ]  # fmt: skip


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([text(value) for value in row] for row in rows)
    return out.getvalue().encode()
