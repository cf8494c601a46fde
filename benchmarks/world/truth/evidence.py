"""Versions of documents, duplicates and rejected rows, as the files brought them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from benchmarks.world.inbox import SentFile
from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import ZERO

Key = tuple[str, ...]

MONEY = {
    "credit_approvals": "approved_limit",
    "sales_plans": "planned_amount",
    "expense_budgets": "budget_amount",
    "promises": "amount",
    "decisions": "amount",
    "orders": "amount",
    "deliveries": "amount",
    "goods_receipts": "amount",
    "invoice_applications": "amount",
    "invoices": "amount",
    "invoice_lines": "amount_excl_tax",
    "statements": "amount",
    "statement_invoices": "amount",
    "remittance_advices": "amount",
    "bank_receipts": "amount",
    "opening_items": "balance",
}


@dataclass(frozen=True)
class Version:
    """What one file says about one document, where that is news."""

    kind: str
    key: Key
    known_on: date
    path: str
    rows: list[Row]


@dataclass
class FileCount:
    """What became of the rows of one file; two kinds in one file are joined by a plus."""

    path: str
    known_on: date
    kind: str | None
    rows_staged: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    amount_staged: Decimal = ZERO
    amount_duplicate: Decimal = ZERO
    amount_rejected: Decimal = ZERO


@dataclass
class Evidence:
    """All versions in the order in which they became known."""

    versions: list[Version] = field(default_factory=list)
    counts: list[FileCount] = field(default_factory=list)

    def by_day(self) -> dict[date, list[Version]]:
        """Versions by the day they became known, each day in order of path."""
        days: dict[date, list[Version]] = defaultdict(list)
        for version in self.versions:
            days[version.known_on].append(version)
        return days


def read_evidence(files: Sequence[SentFile]) -> Evidence:
    """Go through the files in the order they arrive and tell news from repetition.

    A document is all its rows in one file. It repeats when it equals the latest version known.
    """
    evidence = Evidence()
    latest: dict[tuple[str, Key], list[Row]] = {}
    for file in sorted(files, key=lambda f: (f.known_on, f.path)):
        # The header of an invoice comes before its lines.
        kinds = sorted(file.kinds, reverse=True)
        count = FileCount(file.path, file.known_on, "+".join(kinds) or None)
        evidence.counts.append(count)
        for paper in file.papers:
            amount = sum((money_of(paper.kind, row) for row in paper.rows), ZERO)
            if latest.get((paper.kind, paper.key)) == paper.rows:
                count.rows_duplicate += len(paper.rows)
                count.amount_duplicate += amount
                continue
            latest[paper.kind, paper.key] = [dict(row) for row in paper.rows]
            count.rows_staged += len(paper.rows)
            count.amount_staged += amount
            evidence.versions.append(
                Version(paper.kind, paper.key, file.known_on, file.path, paper.rows)
            )
        for bad in file.bad_rows:
            count.rows_rejected += 1
            count.amount_rejected += bad.amount
    return evidence


def money_of(kind: str, row: Row) -> Decimal:
    """The amount by which a file of this kind is controlled."""
    value = row.get(MONEY.get(kind, ""))
    return value if isinstance(value, Decimal) else ZERO
