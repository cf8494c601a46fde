"""Files as grids of text cells, one per sheet, every row where the file has it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import polars as pl

from receivables.policy import LIMITS, Intake
from receivables.sources.parsed import UnreadableError
from receivables.sources.sniff import decode, looks_wide

SEPARATORS = (",", "\t", ";")
_SAMPLE_LINES = 200
_SAMPLE_BYTES = 1_000_000
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


def grid_of(name: str | None, rows: Sequence[Sequence[str | None]]) -> Grid:
    """A grid of rows of different lengths; empty text is no text."""
    width = max(map(len, rows), default=0)
    padded = [[*(cell or None for cell in row), *[None] * (width - len(row))] for row in rows]
    return Grid(name, pl.DataFrame(padded, schema=_text_columns(width), orient="row"))


UNSAVED = "[a formula without its value: open the file in Excel, save it, and send it again]"


def unsaved(formula: str) -> str:
    """How a formula without a value is shown, so that no reading takes it for one."""
    return f"{formula} {UNSAVED}"


def checked_size(rows: int, columns: int, limits: Intake, name: str | None = None) -> None:
    """Hold a sheet's size against the limits.

    Raises:
        UnreadableError: it has more rows, columns or cells.
    """
    where = f"Sheet {name}" if name else "The file"
    for what, number, limit in (
        ("rows", rows, limits.max_rows),
        ("columns", columns, limits.max_columns),
        ("cells", rows * columns, limits.max_cells),
    ):
        if number > limit:
            raise UnreadableError(
                f"{where} has {number:,} {what}; more than {limit:,} (intake.max_{what}) are "
                "refused. Take out what does not belong to the table, or split it."
            )


def _text_columns(width: int) -> dict[str, type[pl.String]]:
    return {f"c{place}": pl.String for place in range(width)}


def read_text_grid(data: bytes, limits: Intake = LIMITS) -> Grid:
    """Separated text as a grid; rows may be of different lengths.

    Raises:
        UnreadableError: the encoding is unknown, there is no text, it is over a limit, or a
            quotation mark swallows rows.
    """
    body = data.removeprefix(codecs.BOM_UTF8)
    cells = None if looks_wide(data) or b"\0" in data else _read_text(body, limits)
    if cells is None:
        body = decode(data).encode()
        cells = _read_text(body, limits)
    if cells is None:
        cells = _slowly(body.decode(), separator_of(body))
        checked_size(*cells.shape, limits)
    if b'"' in body:
        _refuse_swallowed(cells, separator_of(body))
    return Grid(None, cells)


def _read_text(body: bytes, limits: Intake) -> pl.DataFrame | None:
    """The cells of UTF-8 text; None if it is no such text, or not of one width."""
    if b"\r" in body[:_SAMPLE_BYTES] and b"\n" not in body:
        body = body.replace(b"\r", b"\n")
    separator = separator_of(body)
    # Separators are the same bytes in every encoding that comes here, so widths can be counted.
    top = io.StringIO(body[:_SAMPLE_BYTES].decode("latin-1"))
    try:
        sample = list(islice(csv.reader(top, delimiter=separator), _SAMPLE_LINES))
    except csv.Error:
        return None
    width = max((len(row) for row in sample), default=0)
    if not width or not (body[:_SAMPLE_BYTES].strip() or body.strip()):
        raise UnreadableError("The file has no text in it.")
    checked_size(body.count(b"\n"), width, limits)
    try:
        return pl.read_csv(
            body,
            has_header=False,
            separator=separator,
            schema=_text_columns(width),
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError:
        return None


def _refuse_swallowed(cells: pl.DataFrame, separator: str) -> None:
    """Refuse text where a quotation mark that is not closed makes one cell of many rows."""
    row = f"\n(?:[^\n]*{re.escape(separator)}){{{max(cells.width - 1, 2)}}}"
    found = cells.select(pl.any_horizontal(pl.all().str.contains(row)).fill_null(False))
    if found.to_series().any():
        number = found.to_series().arg_true()[0] + 1
        raise UnreadableError(
            f"A quotation mark in row {number} is not closed, so that the rows after it would be "
            "lost in one cell; mend that row and send the file again."
        )


def _slowly(text: str, separator: str) -> pl.DataFrame:
    """Rows that grow wider further down, or stray quotes: the standard reader takes them all."""
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise UnreadableError(f"The text is damaged: {error}. Ask for it again.") from None
    width = max(len(row) for row in rows)
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    return pl.DataFrame(padded, schema=_text_columns(width), orient="row")


def separator_of(body: bytes) -> str:
    """The separator that the first lines use most; a comma if none."""
    sample = b"\n".join(body[:20_000].splitlines()[:50])
    return max(SEPARATORS, key=lambda mark: (sample.count(mark.encode()), mark == ","))


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
