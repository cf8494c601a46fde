"""What reading a file gives: accepted and rejected rows per kind, or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from receivables.contracts import Contract

REJECTED_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "sheet": pl.String(),
        "row": pl.Int64(),
        "field": pl.String(),
        "value": pl.String(),
        "reason": pl.String(),
        "amount": pl.Decimal(18, 2),
    }
)


@dataclass(frozen=True)
class Part:
    """The rows of one kind in one file.

    `accepted` has the contract's columns (sheet, row_no, then the fields), typed; `rejected` has
    `REJECTED_SCHEMA`, one row per rejected row. `rows_in` and `amount_in` (CNY, the contract's
    money field, 0 where unreadable) were counted before anything was rejected.
    """

    contract: Contract
    accepted: pl.DataFrame
    rejected: pl.DataFrame
    rows_in: int
    amount_in: Decimal

    @property
    def kind(self) -> str:
        """The kind of the rows."""
        return self.contract.kind


@dataclass(frozen=True)
class Parsed:
    """A file as understood: its layout and parts; `message` says what was not understood."""

    layout: str | None
    parts: tuple[Part, ...]
    message: str | None = None


class UnreadableError(Exception):
    """A file cannot be understood; the message is a sentence for people."""


def total(frame: pl.DataFrame, column: str | None) -> Decimal:
    """Sum of a money column (0.00 without one or without rows)."""
    if column is None or column not in frame.columns:
        return Decimal("0.00")
    return frame.select(pl.col(column).cast(pl.Decimal(38, 2)).sum()).item() or Decimal("0.00")
