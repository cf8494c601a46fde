"""Workbooks and text as grids of text cells, one per sheet, every row where the file has it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import fastexcel
import polars as pl

from receivables.sources.parsed import UnreadableError
from receivables.sources.rounded import mark_rounded
from receivables.sources.sniff import Format, decode

SEPARATORS = (",", "\t", ";")
_SAMPLE_LINES = 200
# Titles, key/value blocks and header rows are looked for in this many rows.
TOP_ROWS = 60


@dataclass(frozen=True)
class Grid:
    """A sheet as text: columns c0, c1, …; row i of `cells` is row `offset` + i + 1 of the sheet.

    `name` is None for files without sheets; `offset` is not 0 where a grid is part of a sheet.
    """

    name: str | None
    cells: pl.DataFrame
    offset: int = 0

    @cached_property
    def top(self) -> list[tuple[str | None, ...]]:
        """The first rows as tuples, for looking at titles and key/value blocks."""
        return self.cells.head(TOP_ROWS).rows()

    @cached_property
    def top_headings(self) -> list[dict[str, int]]:
        """The same rows read as headings."""
        return [headings_in(row) for row in self.top]

    def headings(self, row: int) -> dict[str, int]:
        """A row read as headings, with their places."""
        return headings_in(self.cells.row(row))


@dataclass(frozen=True)
class Book:
    """The grids of a file and the names of the sheets left out because they are hidden."""

    grids: tuple[Grid, ...]
    hidden: tuple[str, ...] = ()


def read_book(path: Path, form: Format) -> Book:
    """All visible sheets of a workbook, or the one grid of a text file.

    Raises:
        UnreadableError: the reader cannot make sense of the file.
    """
    return _read_workbook(path) if form == "xlsx" else Book((read_text_grid(path.read_bytes()),))


def _read_workbook(path: Path) -> Book:
    grids, hidden = [], []
    try:
        reader = fastexcel.read_excel(path)
        for name in reader.sheet_names:
            # skip_rows=0 keeps empty rows at the top, so that row numbers are the sheet's.
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.visible != "visible":
                hidden.append(name)
            elif sheet.width:
                cells = mark_rounded(path, name, _cells(sheet))
                grids.append(Grid(name, cells))
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise UnreadableError(f"The workbook is damaged: {_first_line(error)}") from None
    if not grids:
        raise UnreadableError("The workbook has no sheet with anything in it.")
    return Book(tuple(grids), tuple(hidden))


def _cells(sheet: fastexcel.ExcelSheet) -> pl.DataFrame:
    """The sheet's cells as text; a formula's error stays visible, such as #DIV0."""
    batch, errors = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = [f"c{place}" for place in range(cells.width)]
    for error in errors.errors if errors else ():
        row, place = error.position
        found = re.search(r"Error\((\w+)\)", error.detail)
        cells[row, place] = f"#{found[1].upper() if found else 'ERROR'}"
    return cells


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["it cannot be read"])[0]


def read_text_grid(data: bytes) -> Grid:
    """Separated text as a grid; rows may be of different lengths.

    Raises:
        UnreadableError: the encoding is unknown or there is no text.
    """
    text = decode(data)
    separator = separator_of(text)
    sample = list(islice(csv.reader(io.StringIO(text), delimiter=separator), _SAMPLE_LINES))
    width = max((len(row) for row in sample), default=0)
    if not width:
        raise UnreadableError("The file has no text in it.")
    try:
        cells = pl.read_csv(
            text.encode(),
            has_header=False,
            separator=separator,
            schema={f"c{place}": pl.String for place in range(width)},
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError:
        cells = _slowly(text, separator)
    return Grid(None, cells)


def _slowly(text: str, separator: str) -> pl.DataFrame:
    """Rows that grow wider further down, or stray quotes: the standard reader takes them all."""
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    width = max(len(row) for row in rows)
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    return pl.DataFrame(
        padded, schema={f"c{place}": pl.String for place in range(width)}, orient="row"
    )


def separator_of(text: str) -> str:
    """The separator that the first lines use most; a comma if none."""
    sample = "\n".join(text[:20_000].splitlines()[:50])
    return max(SEPARATORS, key=lambda mark: (sample.count(mark), mark == ","))


def headings_in(row: Sequence[str | None]) -> dict[str, int]:
    """Normalised headings of a row with their places; a repeated one gets #2, #3 and so on."""
    places: dict[str, int] = {}
    for place, cell in enumerate(row):
        heading = normalised(cell)
        if not heading:
            continue
        name, number = heading, 1
        while name in places:
            number += 1
            name = f"{heading}#{number}"
        places[name] = place
    return places


_BRACKETS = str.maketrans("（）［］：／％＃　", "()[]:/%# ")


def normalised(heading: str | None) -> str:
    """A heading for comparing: no spaces or line ends, half-width signs, no colon at the end."""
    if heading is None:
        return ""
    return "".join(heading.translate(_BRACKETS).split()).rstrip(":").lower()
