"""What became of each file: its figures, and the shapes of the tables about files."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from receivables.sources.inbox import Arrival
from receivables.sources.parsed import REJECTED_SCHEMA, TOTALS_SCHEMA

NOTHING = Decimal("0.00")
_ENDS = ("in", "staged", "duplicate", "rejected")

MONEY = pl.Decimal(18, 2)
FILES_SCHEMA = pl.Schema(
    {
        "known_on": pl.Date(),
        "file_id": pl.String(),
        "path": pl.String(),
        "sha256": pl.String(),
        "kind": pl.String(),
        "layout": pl.String(),
        "message": pl.String(),
        "rows_in": pl.Int64(),
        "rows_staged": pl.Int64(),
        "rows_duplicate": pl.Int64(),
        "rows_rejected": pl.Int64(),
        "amount_in": MONEY,
        "amount_staged": MONEY,
        "amount_duplicate": MONEY,
        "amount_rejected": MONEY,
    }
)
_ORIGIN = {"known_on": pl.Date(), "file_id": pl.String(), "path": pl.String()}
REJECTED_ROWS_SCHEMA = pl.Schema({**_ORIGIN, **REJECTED_SCHEMA})
FILE_TOTALS_SCHEMA = pl.Schema({**_ORIGIN, **TOTALS_SCHEMA})


@dataclass
class FileFigures:
    """What became of a file: rows and money (CNY) in, staged, duplicate and rejected."""

    arrival: Arrival
    kinds: list[str] = field(default_factory=list)
    layout: str | None = None
    message: str | None = None
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ENDS, 0))
    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(_ENDS, NOTHING))

    def add(self, end: str, rows: int, amount: Decimal) -> None:
        """Count rows and money towards one of in, staged, duplicate, rejected."""
        self.rows[end] += rows
        self.amounts[end] += amount

    def row(self) -> dict[str, object]:
        """The file's row of received.files."""
        return {
            "known_on": self.arrival.day,
            "file_id": self.arrival.file_id,
            "path": self.arrival.path,
            "sha256": self.arrival.sha256,
            "kind": "+".join(self.kinds) or None,
            "layout": self.layout,
            "message": self.message,
            **{f"rows_{end}": rows for end, rows in self.rows.items()},
            **{f"amount_{end}": amount for end, amount in self.amounts.items()},
        }
