"""What a file says of itself: printed totals and cover figures beside the rows that were read.

Signs and rows are as printed: what a layout turns (`times: -1`) is turned back, and a row that is
rejected for another reason counts with its figure as sent. So a difference means a row that was
lost, a figure that was misread, or a file that does not add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from receivables.sources.acceptance import Draft
from receivables.sources.grids import Book, Grid
from receivables.sources.layouts import Column, Figure, Layout, Table
from receivables.sources.lookups import Standing, standings
from receivables.sources.parsed import TOTALS_SCHEMA
from receivables.sources.recognition import sheets_named
from receivables.sources.rows import ROW
from receivables.sources.values import fine_decimals, within_measure

_CENT = Decimal("0.01")
# The column of a printed total, so that two tables over the same rows compare it once.
COLUMN = "column"
PRINTED_SCHEMA = pl.Schema({**TOTALS_SCHEMA, COLUMN: pl.String()})


@dataclass(frozen=True)
class Summed:
    """A field as a table has it: figures of its rows and of its rows of 小计 and 合计.

    `values` are the rows' figures as sent, in their order, with the rows' numbers; `signed` the
    same figures as understood where signs depend on the row, else None. `printed` are the figures
    of the totals, with their rows and labels.
    """

    field: str
    column: str
    rows: pl.Series
    values: pl.Series
    signed: pl.Series | None
    printed: pl.DataFrame


@dataclass(frozen=True)
class Taken:
    """The rows of a table in one grid, and the totals printed among them (`PRINTED_SCHEMA`)."""

    table: Table
    grid: Grid
    draft: Draft
    printed: pl.DataFrame


def table_totals(table: Table, grid: Grid, fields: Iterable[Summed]) -> pl.DataFrame:
    """The figures in rows of 小计 and 合计 beside the sums of the rows above them."""
    rows = [
        (table.kind, grid.name, row, label, each.field, printed, summed, each.column)
        for each in fields
        for row, label, printed, summed in _compared(each)
    ]
    return _frame(rows)


def _frame(rows: Sequence[tuple]) -> pl.DataFrame:
    """Rows of `PRINTED_SCHEMA`; a figure too large for money is left out, no rows have it."""
    wide = {
        name: pl.Decimal(38, 2) if dtype == pl.Decimal(18, 2) else dtype
        for name, dtype in PRINTED_SCHEMA.items()
    }
    frame = pl.DataFrame(rows, schema=wide, orient="row")
    return frame.cast(PRINTED_SCHEMA, strict=False).drop_nulls(["printed", "summed"])


def _compared(summed: Summed) -> Iterator[tuple[int, str, Decimal, Decimal]]:
    """Row, label, printed figure and sum of each total.

    A total sums the rows since some total before it, or since the table's start: subtotals of
    stores may stand in subtotals of regions, and the last 合计 sums all. Where none of these sums
    is the printed figure, a 小计 is held against the rows since the total before it, a last 合计
    against the table, any other against the rows since the one before it.
    """
    totals = summed.printed.rows()
    ways = [summed.values] if summed.signed is None else [summed.signed, summed.values]
    sums = [_sums(totals, _running(summed, values)) for values in ways]
    for (row, label, printed), found in zip(totals, zip(*sums, strict=True), strict=True):
        yield row, label, printed, next((each for each in found if each == printed), found[0])


def _sums(totals: Sequence[tuple], running: Sequence[Decimal]) -> Iterator[Decimal]:
    """What each total is held against, with the sum of all rows above each."""
    starts = {Decimal(0)}
    before, before_alike = Decimal(0), Decimal(0)
    for number, ((_, label, printed), reached) in enumerate(zip(totals, running, strict=True)):
        is_subtotal = "小" in label
        near = (_cents(reached - before), _cents(reached))
        if printed in near or _cents(reached) - printed in starts:
            yield printed
        elif is_subtotal:
            yield _cents(reached - before)
        else:
            is_last = number == len(totals) - 1
            yield _cents(reached if is_last else reached - before_alike)
        starts.add(_cents(reached))
        before = reached
        before_alike = before_alike if is_subtotal else reached


def _running(summed: Summed, values: pl.Series) -> list[Decimal]:
    """The sum of all rows above each total."""
    rows = pl.DataFrame({ROW: summed.rows.cast(pl.Int64), "value": values.fill_null(0)})
    rows = rows.with_columns(pl.col("value").cum_sum())
    totals = summed.printed.select(pl.col(ROW).cast(pl.Int64))
    joined = totals.join_asof(rows, on=ROW, strategy="backward")
    return [value or Decimal(0) for value in joined["value"].to_list()]


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding="ROUND_HALF_UP")


def file_totals(book: Book, layout: Layout, taken: Sequence[Taken]) -> pl.DataFrame:
    """Every printed figure of a file beside what was summed; schema `TOTALS_SCHEMA`."""
    printed = pl.concat([_frame([]), *(each.printed for each in taken)])
    once = printed.unique(["sheet", "row", COLUMN], keep="first", maintain_order=True)
    figures = [row for figure in layout.totals for row in _figures(book, figure, taken)]
    found = pl.concat([once, _frame(figures)]).drop(COLUMN)
    sheets = list(dict.fromkeys(grid.name for grid in book.grids))
    in_book = pl.col("sheet").replace_strict(sheets, range(len(sheets)), return_dtype=pl.Int64)
    return found.sort(in_book, "row", maintain_order=True)


def _figures(book: Book, figure: Figure, taken: Sequence[Taken]) -> Iterator[tuple]:
    """A cover figure with the sum of its rows, for the file or for each sheet that has rows."""
    tables = [each for each in taken if each.table.kind == figure.kind]
    if figure.sheet:
        groups = [(list(sheets_named(book, (figure.sheet,))), tables)]
    else:
        groups = [
            ([grid], [each for each in tables if each.grid is grid])
            for grid in book.grids
            if any(each.grid is grid for each in tables)
        ]
    for grids, summed in groups:
        found = next(_printed(figure, grids), None)
        if found is None or figure.summed is None:
            continue
        standing, printed = found
        total = sum((_sum_of(figure, each.draft) for each in summed), Decimal(0))
        others = _others(figure.plus, grids) - _others(figure.minus, grids)
        yield (
            figure.kind,
            standing.sheet,
            standing.row,
            standing.label,
            figure.summed,
            _cents(printed * abs(figure.times)),
            _cents(total * (-1 if figure.times < 0 else 1) + others * abs(figure.times)),
            None,
        )


def _others(labels: Sequence[str], grids: Sequence[Grid]) -> Decimal:
    """The sum of the figures beside labels; none counts nothing."""
    figures = (Column.model_validate({"beside": label}) for label in labels)
    found = (next(_printed(each, grids), None) for each in figures)
    return sum((value for each in found if each for value in each[1:]), Decimal(0))


def _printed(figure: Column, grids: Sequence[Grid]) -> Iterator[tuple[Standing, Decimal]]:
    """Where a cover figure stands, and the figure; a label beside no figure is passed over."""
    for standing in standings(figure, grids, also_at_the_end=True):
        text = pl.Series([standing.value])
        if figure.find:
            text = text.str.extract(figure.find, 1 if re.compile(figure.find).groups else 0)
        value = within_measure(fine_decimals(text).values)[0]
        if value is not None:
            yield standing, value


def _sum_of(figure: Figure, draft: Draft) -> Decimal:
    """The sum of the rows that a figure counts, those included that will be rejected."""
    rows = draft.typed
    for name, values in figure.where.items():
        rows = rows.filter(pl.col(name).cast(pl.String).fill_null("").is_in(values))
    return rows.select(pl.col(figure.summed or "").cast(pl.Decimal(38, 4)).sum()).item() or Decimal(
        0
    )
