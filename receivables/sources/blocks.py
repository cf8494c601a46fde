"""Where a table stands in a sheet: its block, its header row and what the headings say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain
from pathlib import Path

import polars as pl

from receivables.sources.grids import TOP_ROWS, Book, Grid, headings_in, normalised
from receivables.sources.layouts import Layout, Table

_UNITS = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
# 金额(万元), 金额(单位:万元), 金额万元; on headings as compared.
_WITH_UNIT = re.compile(rf"^(.+?)(?:\((?:单位:?)?(?:人民币)?({_UNIT})\)|({_UNIT}))(#\d+)?$")
_STATED = re.compile(rf"单位\s*[:：]?\s*(?:人民币)?\s*({_UNIT})")
_WIDE, _NARROW = list("（）［］：／％＃"), list("()[]:/%#")


@dataclass(frozen=True)
class Place:
    """Where a table was found: its file, its grid, and its last header row (from 0 in the grid).

    `headings` has the columns by what stands above them; `factors` what a column's unit counts
    for (10,000 for 万元), for the columns whose heading states one. The table ends at the latest
    above row `stop`, where another table of the layout begins.
    """

    path: Path
    book: Book
    grid: Grid
    header: int
    headings: Mapping[str, int]
    factors: Mapping[int, Decimal] = field(default_factory=dict)
    stop: int | None = None

    def number(self, heading: str) -> int | None:
        """The column under a heading."""
        return self.headings.get(normalised(heading))

    def factor(self, column: int) -> Decimal:
        """What a figure of the column counts for: as its heading says, else as the sheet says."""
        if column in self.factors:
            return self.factors[column]
        cells = (cell for row in self.grid.top[: self.header + 1] for cell in row if cell)
        stated = next((found[1] for cell in cells if (found := _STATED.search(cell))), "元")
        return _UNITS[stated]


def in_blocks(book: Book, layout: Layout) -> Book:
    """The book with each sheet that repeats itself cut into its blocks.

    A block reads as a sheet of its own; what stands above the first one is one as well.
    """
    if layout.blocks is None:
        return book
    pattern = layout.blocks
    return replace(book, grids=tuple(part for grid in book.grids for part in _cut(grid, pattern)))


def _cut(grid: Grid, pattern: str) -> list[Grid]:
    begins = matching_rows(grid, pl.any_horizontal(pl.all().str.contains(pattern)))
    if not begins:
        return [grid]
    edges = [*([0] if begins[0] else []), *begins, grid.cells.height]
    return [
        Grid(grid.name, grid.cells.slice(start, stop - start), grid.offset + start)
        for start, stop in zip(edges, edges[1:], strict=False)
    ]


def matching_rows(grid: Grid, condition: pl.Expr) -> list[int]:
    """The rows (from 0) where a condition on the cells holds."""
    matches = grid.cells.select(condition.fill_null(False).alias("match"))["match"]
    return matches.arg_true().to_list()


def wanted_headings(layout: Layout, table: Table) -> list[tuple[str, ...]]:
    """For each heading that the header row must have, its alternatives."""
    if table.header:
        return list(table.header)
    fields = table.contract.fields
    return [
        column.headings
        for name, column in layout.columns_of(table).items()
        if column.headings
        and column.default is None
        and column.otherwise is None
        and not fields[name].is_optional
    ]


def locate(path: Path, book: Book, grid: Grid, layout: Layout, table: Table) -> Place | None:
    """The table's place in a grid; None where it is not."""
    start = 0
    if table.after:
        marked = matching_rows(grid, pl.any_horizontal(pl.all().str.contains(table.after)))
        if not marked:
            return None
        start = marked[0] + 1
    wanted = [{normalised(c) for c in choices} for choices in wanted_headings(layout, table)]
    states_units = any(column.unit for column in layout.columns_of(table).values())
    near = range(start, min(start + TOP_ROWS, grid.cells.height))
    for number in chain(near, _low(grid, near.stop, layout, table)):
        headings = header_at(grid, number, table.header_rows)
        factors: dict[int, Decimal] = {}
        if states_units:
            headings, factors = without_units(headings)
        if all(choices & headings.keys() for choices in wanted):
            last = number + table.header_rows - 1
            return Place(path, book, grid, last, headings, factors)
    return None


def _low(grid: Grid, start: int, layout: Layout, table: Table) -> Iterator[int]:
    """Rows from `start` on where a header may stand that only another table pushed so far down."""
    wanted = wanted_headings(layout, table)
    if len(layout.tables) == 1 or table.after or not wanted or start >= grid.cells.height:
        return
    said = pl.all().str.replace_many(_WIDE, _NARROW).str.replace_all(r"\s", "")
    said = said.str.strip_chars_end(":").str.to_lowercase()
    below = Grid(grid.name, grid.cells.slice(start).select(said))
    choices = [normalised(choice) for choice in wanted[0]]
    for row in matching_rows(below, pl.any_horizontal(pl.all().is_in(choices))):
        yield start + row


def header_at(grid: Grid, row: int, rows: int) -> dict[str, int]:
    """The headings of a header of one row or two that begins in a row."""
    if rows == 1:
        return grid.headings(row)
    if row + 1 >= grid.cells.height:
        return {}
    upper, lower = grid.cells.row(row), grid.cells.row(row + 1)
    headings = headings_in(_joined(upper, lower))
    alone = headings_in(lower)
    return {
        **{name: at for name, at in alone.items() if f"{name}#2" not in alone and "#" not in name},
        **headings,
    }


def _joined(upper: Sequence[str | None], lower: Sequence[str | None]) -> list[str | None]:
    """Two header rows as one: 组/列 under a group's heading, else whichever is given."""
    joined: list[str | None] = []
    group: str | None = None
    for above, below in zip(upper, lower, strict=True):
        over, under = normalised(above), normalised(below)
        if over:
            # A heading with nothing below it spans both rows and heads no group.
            group = above if under else None
        joined.append(f"{group}/{below}" if group and under else above if over else below)
    return joined


def without_units(headings: Mapping[str, int]) -> tuple[dict[str, int], dict[int, Decimal]]:
    """The headings, those that state a unit also without it; and the factors of those columns."""
    bare: dict[str, int] = {}
    factors: dict[int, Decimal] = {}
    for name, number in headings.items():
        found = _WITH_UNIT.match(name)
        if found and not name.endswith("单位"):
            bare.setdefault(found[1] + (found[4] or ""), number)
            factors[number] = _UNITS[found[2] or found[3]]
    return {**bare, **headings}, factors
