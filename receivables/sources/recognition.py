"""Which layout describes a file: the most specific one that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from receivables.sources.grids import Book, Grid, headings_in, normalised
from receivables.sources.layouts import Layout, Sources
from receivables.sources.parsed import UnreadableError

# Titles, key/value blocks and header rows are looked for in this many rows.
TOP_ROWS = 60


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
    wanted = [normalised(heading) for heading in asked.headings]
    return (
        all(any(sheets_named(book, (name,))) for name in asked.sheets)
        and all(any(cells_matching(grid, title) for grid in book.grids) for title in asked.title)
        and (not wanted or any(header_row(grid, wanted) is not None for grid in book.grids))
    )


def sheets_named(book: Book, names: Iterable[str]) -> Iterator[Grid]:
    """The sheets whose name is one of these (`*` stands for anything)."""
    names = tuple(names)
    for grid in book.grids:
        if any(fnmatchcase((grid.name or "").strip(), name) for name in names):
            yield grid


def header_row(grid: Grid, headings: Sequence[str], first_row: int = 0) -> int | None:
    """Index of the first row that has all of these normalised headings."""
    for place, row in enumerate(grid.top(first_row + TOP_ROWS)):
        if place >= first_row and set(headings) <= headings_in(row).keys():
            return place
    return None


def cells_matching(grid: Grid, pattern: str) -> list[re.Match[str]]:
    """Matches in the cells near the top, row by row."""
    wanted = re.compile(pattern)
    cells = (cell for row in grid.top(TOP_ROWS) for cell in row if cell)
    return [match for cell in cells if (match := wanted.search(cell))]


def _seen(book: Book) -> str:
    """The row that looks most like headings, so that a person knows where to start."""
    grid = book.grids[0]
    row = max(grid.top(TOP_ROWS), key=lambda cells: len(headings_in(cells)), default=())
    shown = [cell.strip() for cell in row if cell and cell.strip()][:12]
    where = f"sheet {grid.name}" if grid.name else "the file"
    return f"The row of {where} that looks like headings: {', '.join(shown)}."
