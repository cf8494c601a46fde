"""Canonical orders as a workbook: the Chinese labels of the contract as headings."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.world.looks.canonical import FIELDS, Row
from benchmarks.world.xlsx import Sheet, workbook_bytes
from receivables.contracts import labels

_STATUS = {"open": "有效", "cancelled": "已取消"}


def orders_xlsx(rows: Sequence[Row]) -> bytes:
    """Return the order list with typed cells under Chinese headings."""
    names = FIELDS["orders"]
    wording = labels("orders")
    cells: list[list[object]] = [[wording[name] for name in names]]
    for row in rows:
        shown = dict(row)
        shown["status"] = _STATUS[str(row["status"])]
        cells.append([shown[name] for name in names])
    return workbook_bytes([Sheet("订单", cells)])
