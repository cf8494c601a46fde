"""Which layout describes a file: the most specific one that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from receivables.sources.blocks import header_at, without_units
from receivables.sources.grids import Book, Grid, normalised
from receivables.sources.layouts import Layout, Sources
from receivables.sources.parsed import UnreadableError


def recognise(book: Book, sources: Sources) -> Layout:
    """The layout of a file.

    Raises:
        UnreadableError: no layout fits, or two fit equally well.
    """
    fitting = sorted(
        (layout for layout in sources.layouts if fits(book, layout)),
        key=lambda layout: -layout.recognise.specificity,
    )
    if not fitting:
        raise UnreadableError(f"No layout in config/sources describes this file. {_seen(book)}")
    best, *others = fitting
    rivals = [o.name for o in others if o.recognise.specificity == best.recognise.specificity]
    if rivals:
        raise UnreadableError(
            f"The layouts {', '.join([best.name, *rivals])} fit this file equally well; "
            "make the right one ask for more under recognise."
        )
    return best


def fits(book: Book, layout: Layout) -> bool:
    """Whether the file shows everything that the layout asks for."""
    asked = layout.recognise
    wanted = [{normalised(choice) for choice in choices} for choices in asked.headings]
    return (
        all(any(sheets_named(book, (name,))) for name in asked.sheets)
        and all(any(cells_matching(grid, title) for grid in book.grids) for title in asked.title)
        and _has_row_with(book, layout, wanted)
    )


def _has_row_with(book: Book, layout: Layout, wanted: Sequence[set[str]]) -> bool:
    """Whether one header near the top of a sheet has a heading of each set."""
    return any(
        all(choices & headings.keys() for choices in wanted)
        for grid in book.grids
        for headings in _headers(grid, layout)
    )


def _headers(grid: Grid, layout: Layout) -> Iterable[Mapping[str, int]]:
    """The rows near the top read as headers of the layout's tables."""
    columns = [c for table in layout.tables for c in layout.columns_of(table).values()]
    headers: Iterable[Mapping[str, int]] = grid.top_headings
    if any(table.header_rows == 2 for table in layout.tables):
        headers = (header_at(grid, row, 2) for row in range(len(grid.top) - 1))
    if any(column.unit for column in columns):
        headers = (without_units(headings)[0] for headings in headers)
    return headers


def sheets_named(book: Book, names: Iterable[str]) -> Iterator[Grid]:
    """The sheets whose name is one of these (`*` stands for anything)."""
    names = tuple(names)
    for grid in book.grids:
        if any(fnmatchcase((grid.name or "").strip(), name) for name in names):
            yield grid


def cells_matching(grid: Grid, pattern: str) -> list[re.Match[str]]:
    """Matches in the cells near the top, row by row."""
    wanted = re.compile(pattern)
    cells = (cell for row in grid.top for cell in row if cell)
    return [match for cell in cells if (match := wanted.search(cell))]


def _seen(book: Book) -> str:
    """The row that looks most like headings, so that a person knows where to start."""
    grid = book.grids[0]
    number = max(range(len(grid.top)), key=lambda row: len(grid.top_headings[row]), default=0)
    shown = [cell.strip() for cell in grid.top[number] if cell and cell.strip()][:12]
    where = f"sheet {grid.name}" if grid.name else "the file"
    return f"The row of {where} that looks like headings: {', '.join(shown)}."
