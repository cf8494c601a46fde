"""Numbers that a spreadsheet has rounded: identifiers stored as floats have lost their digits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeGuard

import openpyxl
import polars as pl

# Floats hold 15 digits; longer whole numbers may have been rounded.
_LONG = re.compile(r"^[0-9]{16,30}$")
# A text of so many digits equals some float rarely; a column of floats always does.
_SHARE = 0.5


def mark_rounded(path: Path, sheet: str, cells: pl.DataFrame) -> pl.DataFrame:
    """Write long whole numbers that are floats in the file as 2.63270000E+19.

    Text that only looks like one is left alone: where in doubt, the file's own cell types tell.
    """
    suspects = [name for name in cells.columns if _looks_rounded(cells[name])]
    if not suspects:
        return cells
    floats = _long_numbers(path, sheet)
    return cells.with_columns(_marked(cells[name], floats) for name in suspects)


def _marked(column: pl.Series, floats: dict[int, set[float]]) -> pl.Series:
    rounded = [
        row
        for row, numbers in floats.items()
        if row < len(column) and _LONG.match(column[row] or "") and float(column[row]) in numbers
    ]
    return column.scatter(rounded, [f"{float(column[row]):.8E}" for row in rounded])


def _looks_rounded(column: pl.Series) -> bool:
    """Whether at least half of the long whole numbers of a column equal a float exactly."""
    long = column.filter(column.str.contains(_LONG.pattern).fill_null(False))
    if long.is_empty():
        return False
    exact = long.cast(pl.Decimal(38, 0)) == long.cast(pl.Float64).cast(pl.Decimal(38, 0))
    return bool(exact.sum() >= _SHARE * len(long))


def _long_numbers(path: Path, sheet: str) -> dict[int, set[float]]:
    """For each row (from 0) that has any, its cells that are numbers of 16 digits or more."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        rows = enumerate(book[sheet].iter_rows(values_only=True))
        found = {row: {float(cell) for cell in cells if _is_long(cell)} for row, cells in rows}
    finally:
        book.close()
    return {row: numbers for row, numbers in found.items() if numbers}


def _is_long(cell: object) -> TypeGuard[int | float]:
    return isinstance(cell, int | float) and abs(cell) >= 10**15
