"""Values that stand once in a file: beside a label, below a heading, in a cell of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from receivables.sources.blocks import Place
from receivables.sources.grids import TOP_ROWS, Grid, headings_in, normalised
from receivables.sources.layouts import Column
from receivables.sources.recognition import sheets_named
from receivables.sources.rows import is_total_word

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Standing:
    """A value, the sheet and the row (from 1) where it stands, and the words it stands beside."""

    value: str
    sheet: str | None
    row: int
    label: str


def single_value(column: Column, place: Place) -> str | None:
    """The value of a column that stands once in the file."""
    if column.const is not None:
        return column.const
    if column.file_name:
        return _kept(re.search(column.file_name, place.path.name))
    if column.sheet_name:
        return _kept(re.search(column.sheet_name, place.grid.name or ""))
    grids = sheets_named(place.book, (column.sheet,)) if column.sheet else [place.grid]
    found = first_standing(column, grids)
    return found.value if found else None


def first_standing(column: Column, grids: Iterable[Grid]) -> Standing | None:
    """Where the value of a column first stands near the top of a sheet."""
    return next(standings(column, grids), None)


def standings(
    column: Column, grids: Iterable[Grid], *, also_at_the_end: bool = False
) -> Iterator[Standing]:
    """Every place where the value of a column may stand: near the top of a sheet, or its end."""
    for grid in grids:
        for begin, rows in _edges(grid, also_at_the_end=also_at_the_end):
            for number, value, label in _in_rows(column, rows):
                yield Standing(value, grid.name, grid.offset + begin + number + 1, label)


def values_below(column: Column, grid: Grid) -> list[str]:
    """All values below a heading near the top, down to the first gap; totals left out."""
    for number, place in _headings_found(grid.top, column.below):
        below = (row[place] for row in grid.top[number + 1 :])
        values = []
        for cell in below:
            if not (cell or "").strip() or is_total_word(cell or ""):
                break
            values.append((cell or "").strip())
        return values
    return []


def _edges(grid: Grid, *, also_at_the_end: bool) -> Iterator[tuple[int, Sequence[Row]]]:
    yield 0, grid.top
    if also_at_the_end and grid.cells.height > TOP_ROWS:
        begin = max(TOP_ROWS, grid.cells.height - TOP_ROWS)
        yield begin, grid.cells.slice(begin).rows()


def _in_rows(column: Column, rows: Sequence[Row]) -> Iterator[tuple[int, str, str]]:
    """Row (from 0), value and label of each place where a column's value may stand."""
    if column.cell:
        yield from _in_cells(rows, column.cell)
    elif column.beside:
        yield from _beside(rows, column.beside)
    else:
        yield from _below(rows, column.below)


def _in_cells(rows: Sequence[Row], pattern: str) -> Iterator[tuple[int, str, str]]:
    wanted = re.compile(pattern)
    for number, row in enumerate(rows):
        for cell in row:
            value = _kept(wanted.search(cell)) if cell else None
            if value and cell:
                yield number, value, cell.strip()


def _kept(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    return match[1] if match.re.groups else match[0]


def _beside(rows: Sequence[Row], labels: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """The next filled cell right of a label, or what follows `label：` in the same cell."""
    wanted = {normalised(label): label for label in labels}
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if normalised(cell) in wanted:
                value = next((c.strip() for c in row[place + 1 :] if c and c.strip()), None)
                if value:
                    yield number, value, wanted[normalised(cell)]
                continue
            label, colon, rest = (cell or "").replace("：", ":").partition(":")
            if colon and normalised(label) in wanted and rest.strip():
                yield number, rest.strip(), wanted[normalised(label)]


def _below(rows: Sequence[Row], headings: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """The first filled cell below a heading."""
    for number, place in _headings_found(rows, headings):
        for distance, row in enumerate(rows[number + 1 :], start=1):
            cell = row[place]
            if cell and cell.strip():
                yield number + distance, cell.strip(), (rows[number][place] or "").strip()
                break


def _headings_found(rows: Sequence[Row], headings: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Row and column of headings."""
    wanted = [normalised(heading) for heading in headings]
    for number, row in enumerate(rows if wanted else ()):
        places = headings_in(row)
        place = next((places[heading] for heading in wanted if heading in places), None)
        if place is not None:
            yield number, place
