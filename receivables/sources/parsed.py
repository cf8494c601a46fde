"""What reading a file gives: accepted and rejected rows per kind, or a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
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

# What a file says of itself: a printed total beside the sum of the rows that were read. One row per
# printed figure; `row` is its row in the sheet, `label` the words it stands beside, `field` the
# contract's field that was summed. CNY for money fields, else units of the field.
TOTALS_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "sheet": pl.String(),
        "row": pl.Int64(),
        "label": pl.String(),
        "field": pl.String(),
        "printed": pl.Decimal(18, 2),
        "summed": pl.Decimal(18, 2),
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
    """A file as understood: its layout and parts; `message` says what was not understood.

    `totals` has `TOTALS_SCHEMA`: the file's own totals, held against the rows that were read.
    """

    layout: str | None
    parts: tuple[Part, ...]
    message: str | None = None
    totals: pl.DataFrame = field(default_factory=TOTALS_SCHEMA.to_frame)


class UnreadableError(Exception):
    """A file cannot be understood; the message is a sentence for people."""


def total(frame: pl.DataFrame, column: str | None) -> Decimal:
    """Sum of a money column (0.00 without one or without rows)."""
    if column is None or column not in frame.columns:
        return Decimal("0.00")
    return frame.select(pl.col(column).cast(pl.Decimal(38, 2)).sum()).item() or Decimal("0.00")
