"""Taking the rows of a kind out of a grid, as a layout's table describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from receivables.contracts import Field
from receivables.sources.acceptance import Draft, Fault, unreadable_sentence
from receivables.sources.grids import TOP_ROWS, Book, Grid, normalised
from receivables.sources.layouts import Column, Layout, Table
from receivables.sources.parsed import UnreadableError
from receivables.sources.plain import read_columns
from receivables.sources.recognition import cells_matching, sheets_named
from receivables.sources.values import How, Read

# A row is a total when a cell says just this, or when its first filled cell ends so.
_TOTALS = [
    word + colon
    for word in ("小计", "合计", "总计", "共计", "小 计", "合 计", "总 计", "共 计")
    for colon in ("", "：", ":")
]
_TOTAL_FIRST = r"(?:小\s*计|合\s*计|总\s*计)[)）]?[:：]?$"
_CODE_AND_NAME = r"^([^(（]*?)\s*(?:[(（](.*)[)）])?$"
_ROW = "__row"
_FIRST = "__first"


@dataclass(frozen=True)
class Place:
    """Where a table was found: its file, sheet, header row and headings."""

    path: Path
    book: Book
    grid: Grid
    header: int
    headings: Mapping[str, int]


def drafts(path: Path, book: Book, layout: Layout, table: Table) -> list[Draft]:
    """The table's rows, a draft per sheet that has it.

    Raises:
        UnreadableError: no sheet has the table, and it is not optional.
    """
    found = [_locate(path, book, grid, layout, table) for grid in sheets_named(book, table.sheets)]
    places = [place for place in found if place is not None]
    if not places and not table.optional:
        headings = ", ".join("/".join(choices) for choices in _wanted(layout, table))
        sheets = "" if table.sheets == ("*",) else f" in sheet {' / '.join(table.sheets)}"
        raise UnreadableError(
            f"The table of {table.kind} was not found{sheets}: no row has the headings {headings}."
        )
    return [_draft(place, layout, table) for place in places]


def _wanted(layout: Layout, table: Table) -> list[tuple[str, ...]]:
    """For each heading that the header row must have, its alternatives."""
    if table.header:
        return list(table.header)
    fields = table.contract.fields
    return [
        column.headings
        for name, column in layout.columns_of(table).items()
        if column.headings and column.default is None and not fields[name].is_optional
    ]


def _locate(path: Path, book: Book, grid: Grid, layout: Layout, table: Table) -> Place | None:
    start = 0
    if table.after:
        marked = _first_match(grid, pl.any_horizontal(pl.all().str.contains(table.after)))
        if marked is None:
            return None
        start = marked + 1
    wanted = [{normalised(choice) for choice in choices} for choices in _wanted(layout, table)]
    for number in range(start, min(start + TOP_ROWS, grid.cells.height)):
        headings = grid.headings(number)
        if all(choices & headings.keys() for choices in wanted):
            return Place(path, book, grid, number, headings)
    return None


def _first_match(grid: Grid, condition: pl.Expr) -> int | None:
    matches = grid.cells.select(condition.fill_null(False).alias("match"))["match"].arg_true()
    return int(matches[0]) if len(matches) else None


def _draft(place: Place, layout: Layout, table: Table) -> Draft:
    contract, rows = table.contract, data_rows(place, table)
    columns = {name: c for name, c in layout.columns_of(table).items() if name in contract.fields}
    raw = {name: _source(column, place, rows) for name, column in columns.items()}
    prepared = {name: _prepared(raw[name], columns[name], layout) for name in columns}
    reads = read_columns(
        {name: text for name, (text, _) in prepared.items()},
        contract.fields,
        {name: How(c.date_order, c.times, c.round) for name, c in columns.items()},
    )
    typed = rows.select(
        sheet=pl.lit(place.grid.name, pl.String),
        row_no=pl.col(_ROW).cast(pl.Int64),
        **{
            name: reads[name].values if name in reads else pl.lit(None, field.dtype)
            for name, field in contract.fields.items()
        },
    )
    faults = [
        fault
        for name, (_, unknown) in prepared.items()
        for fault in _faults(contract.fields[name], unknown, reads[name], layout)
    ]
    headings = {name: _heading(column, place) for name, column in columns.items()}
    return Draft(contract, _negated(typed, columns), raw, faults, headings)


def _faults(field: Field, unknown: pl.Series | None, read: Read, layout: Layout) -> Iterator[Fault]:
    if unknown is not None:
        sentence = f"'{{}}' is not in the value map of layout {layout.name}; add it there."
        yield Fault(field.name, unknown, sentence)
    if read.unreadable is not None:
        yield Fault(field.name, read.unreadable, unreadable_sentence(field))


def data_rows(place: Place, table: Table) -> pl.DataFrame:
    """The rows below the header without empty rows, totals, repeated headings and notes.

    Columns of the grid plus `__row`, the row's number in the sheet. Cells are trimmed, empty
    ones null, merged ones filled down.
    """
    header = place.grid.cells.row(place.header)
    cells = place.grid.cells.columns
    first = pl.col(_FIRST)
    repeated = pl.all_horizontal(
        pl.col(cells[number]) == (header[number] or "").strip()
        for number in place.headings.values()
    )
    unwanted = [
        first.is_null(),
        first.str.contains(_TOTAL_FIRST),
        pl.any_horizontal(pl.col(cells).is_in(_TOTALS)),
        repeated,
        *(first.str.contains(pattern) for pattern in table.skip),
    ]
    rows = (
        place.grid.cells.lazy()
        .slice(place.header + 1)
        .with_columns(_trimmed(pl.all()))
        .with_row_index(_ROW, offset=place.header + 2)
        .with_columns(pl.coalesce(cells).alias(_FIRST))
    )
    if table.until:
        ended = first.str.contains(table.until).fill_null(False).cum_max()
        rows = rows.filter(~ended)
    rows = rows.filter(~pl.any_horizontal(each.fill_null(False) for each in unwanted))
    rows = _filled_down(rows, place, table.fill_down)
    for heading, pattern in table.where.items():
        number = place.headings.get(normalised(heading))
        if number is not None:
            rows = rows.filter(pl.col(cells[number]).str.contains(pattern))
    return rows.drop(_FIRST).collect()


def _trimmed(cell: pl.Expr) -> pl.Expr:
    trimmed = cell.str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def _filled_down(rows: pl.LazyFrame, place: Place, headings: Sequence[str]) -> pl.LazyFrame:
    """Give merged cells their value; what is empty on a group's first row stays empty."""
    names = [
        f"c{place.headings[normalised(heading)]}"
        for heading in headings
        if normalised(heading) in place.headings
    ]
    if not names:
        return rows
    group = pl.col(names[0]).is_not_null().cum_sum()
    return rows.with_columns(pl.col(names).forward_fill().over(group))


def _heading(column: Column, place: Place) -> str:
    """What the file calls a column."""
    for heading in column.headings:
        if normalised(heading) in place.headings:
            return heading
    return next(iter([*column.headings, *column.beside, *column.below]), "")


def _source(column: Column, place: Place, rows: pl.DataFrame) -> pl.Series:
    """The column as sent, as text."""
    numbers = [place.headings.get(normalised(heading)) for heading in column.headings]
    standing = [f"c{number}" for number in numbers if number is not None]
    if len(standing) == 1:
        return rows[standing[0]].alias("raw")
    if standing:
        return rows.select(pl.coalesce(standing).alias("raw"))["raw"]
    value = None if column.headings else _single_value(column, place)
    return pl.Series("raw", [value], dtype=pl.String).new_from_index(0, rows.height)


def _single_value(column: Column, place: Place) -> str | None:
    """A value that stands once in the file."""
    if column.const is not None:
        return column.const
    if column.file_name:
        return _found(re.search(column.file_name, place.path.name))
    if column.sheet_name:
        return _found(re.search(column.sheet_name, place.grid.name or ""))
    grids = list(sheets_named(place.book, (column.sheet,))) if column.sheet else [place.grid]
    for grid in grids:
        if column.cell:
            value = next(map(_found, cells_matching(grid, column.cell)), None)
        else:
            value = _beside(grid, column.beside) or _below(grid, column.below)
        if value:
            return value
    return None


def _found(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    return match[1] if match.re.groups else match[0]


def _beside(grid: Grid, labels: Sequence[str]) -> str | None:
    """The next filled cell right of a label, or what follows `label：` in the same cell."""
    wanted = {normalised(label) for label in labels}
    for row in grid.top if wanted else ():
        for place, cell in enumerate(row):
            if normalised(cell) in wanted:
                return next((c.strip() for c in row[place + 1 :] if c and c.strip()), None)
            label, colon, rest = (cell or "").replace("：", ":").partition(":")
            if colon and normalised(label) in wanted:
                return rest.strip() or None
    return None


def _below(grid: Grid, headings: Sequence[str]) -> str | None:
    """The first filled cell below a heading."""
    wanted = [normalised(heading) for heading in headings]
    for row, places in enumerate(grid.top_headings if wanted else ()):
        number = next((places[heading] for heading in wanted if heading in places), None)
        if number is not None:
            column = [cells[number] for cells in grid.top[row + 1 :]]
            return next((c.strip() for c in column if c and c.strip()), None)
    return None


def _prepared(raw: pl.Series, column: Column, layout: Layout) -> tuple[pl.Series, pl.Series | None]:
    """The text to be read as the field's type, and the mask of values the map does not know."""
    value = pl.col("raw")
    if column.find:
        group = 1 if re.compile(column.find).groups else 0
        value = value.str.extract(column.find, group)
    if column.part:
        value = value.str.extract(_CODE_AND_NAME, 1 if column.part == "code" else 2)
    if column.none:
        value = pl.when(~value.is_in(column.none)).then(value)
    changed = column.find or column.part or column.none
    before = raw.to_frame("raw").select(value.alias("raw"))["raw"] if changed else raw
    known = layout.map_of(column)
    after = _mapped(before, known) if known is not None else before
    if column.default is not None:
        return after.fill_null(column.default), None
    if known is None or after.null_count() == before.null_count():
        return after, None
    return after, before.is_not_null() & after.is_null()


def _mapped(text: pl.Series, known: Mapping[str, str]) -> pl.Series:
    """Mapped values; keys that begin with ~ are patterns, tried in order after the exact ones."""
    exact = {key: value for key, value in known.items() if not key.startswith("~")}
    value = pl.col("raw")
    patterns = [
        pl.when(value.str.contains(key[1:])).then(pl.lit(meaning))
        for key, meaning in known.items()
        if key.startswith("~")
    ]
    mapped = value.replace_strict(exact, default=None, return_dtype=pl.String)
    return text.to_frame("raw").select(pl.coalesce(mapped, *patterns).alias("raw"))["raw"]


def _negated(frame: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """Turn signs where another field says so."""
    for name, column in columns.items():
        for other, values in column.negate_when.items():
            turned = pl.when(pl.col(other).is_in(values)).then(-pl.col(name)).otherwise(name)
            frame = frame.with_columns(turned.cast(frame.schema[name]).alias(name))
    return frame
