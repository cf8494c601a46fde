"""Arithmetic that the rows of a table must keep, as its layout says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from receivables.sources.acceptance import Fault
from receivables.sources.blocks import Place
from receivables.sources.layouts import Check, Table
from receivables.sources.values import fine_decimals

# Room for the product of two figures of the largest size that a contract takes.
_EXACT = pl.Decimal(38, 6)
_LARGEST = Decimal(10) ** 12
_CONSTANT = re.compile(r"^\d+(\.\d+)?$")


@dataclass(frozen=True)
class Typed:
    """A table's rows: typed by field, and as sent by column of the grid."""

    place: Place
    fields: pl.DataFrame
    cells: pl.DataFrame


def broken_checks(table: Table, rows: Typed) -> Iterator[Fault]:
    """A fault per check that some rows break, with both figures in each row's sentence."""
    for check in table.checks:
        figures = _figures(check, rows)
        if figures is None:
            continue
        left, right = (_side(side, figures) for side in check.sides)
        compared = figures.select(left=left, right=right)
        room = pl.max_horizontal(
            pl.lit(check.within, _EXACT), (pl.col("right").abs() * pl.lit(check.share)).cast(_EXACT)
        )
        broken = (pl.col("left") - pl.col("right")).abs() > room
        mask = compared.select(broken.fill_null(False).alias("broken"))["broken"]
        if mask.any():
            yield Fault(_blamed(check, rows.fields), mask, _sentences(check, compared))


def _figures(check: Check, rows: Typed) -> pl.DataFrame | None:
    """The figures of a check by name; None where the file lacks one of its headings."""
    columns: dict[str, pl.Series] = {}
    for name in check.names:
        if _CONSTANT.match(name):
            constant = pl.Series(name, [Decimal(name)], dtype=_EXACT)
            columns[name] = constant.new_from_index(0, rows.cells.height)
        elif name in rows.fields.columns:
            columns[name] = rows.fields[name].cast(_EXACT, strict=False)
        else:
            number = rows.place.number(name)
            if number is None:
                return None
            columns[name] = fine_decimals(rows.cells[f"c{number}"]).values.cast(_EXACT)
    frame = pl.DataFrame(columns)
    return frame.select(pl.when(pl.all().abs() <= _LARGEST).then(pl.all()))


def _side(side: str, figures: pl.DataFrame) -> pl.Expr:
    """The value of one side of a check; multiplication goes first."""
    words = side.split()
    total: pl.Expr | None = None
    product, sign = pl.col(words[0]), "+"
    for operator, name in zip([*words[1::2], "+"], [*words[2::2], ""], strict=True):
        if operator == "*" and name:
            product = (product * pl.col(name)).cast(_EXACT)
            continue
        total = product if total is None else total + product if sign == "+" else total - product
        if name:
            product, sign = pl.col(name), operator
    assert total is not None
    return total


def _blamed(check: Check, fields: pl.DataFrame) -> str:
    """The field that a rejected row shows: the last one of the check, else its last heading."""
    named = [name for name in check.names if name in fields.columns]
    return named[-1] if named else check.names[-1]


def _sentences(check: Check, compared: pl.DataFrame) -> pl.Series:
    left, right = check.sides
    return compared.select(
        sentence=pl.format(
            "{} is {}, but {} is {}: the figures of this row do not agree.",
            pl.lit(left),
            _shown("left"),
            pl.lit(right),
            _shown("right"),
        )
    )["sentence"]


def _shown(side: str) -> pl.Expr:
    """A figure for people: two decimals, more only where they matter."""
    text = pl.col(side).cast(pl.String)
    return text.str.replace(r"(\.\d{2}\d*?)0+$", "$1")


def headings_checked(table: Table, place: Place) -> Mapping[str, str]:
    """The grid's column of each heading that a check of the table names."""
    names = {name for check in table.checks for name in check.names}
    numbers = {name: place.number(name) for name in names if name not in table.contract.fields}
    return {name: f"c{number}" for name, number in numbers.items() if number is not None}
