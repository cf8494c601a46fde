"""Taking the rows of a kind out of a file's grids, as a layout's tables describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from operator import or_
from pathlib import Path

import polars as pl

from receivables.contracts import Field
from receivables.sources.acceptance import Draft, Fault, unreadable_sentence
from receivables.sources.blocks import Place, locate, wanted_headings
from receivables.sources.checks import Typed, broken_checks, headings_checked
from receivables.sources.columns import SUMMED
from receivables.sources.derived import gathered, joined, reckoned, zero_padded
from receivables.sources.grids import Book, Grid, normalised
from receivables.sources.layouts import Column, Layout, Table
from receivables.sources.lookups import single_value, values_below
from receivables.sources.parsed import UnreadableError
from receivables.sources.plain import read_columns
from receivables.sources.recognition import sheets_named
from receivables.sources.rows import ROW, Rows, rows_below, says_total
from receivables.sources.totals import Summed, Taken, table_totals
from receivables.sources.values import How, Read, fine_decimals, scaled, within_measure

_CODE_AND_NAME = r"^([^(（]*?)\s*(?:[(（](.*)[)）])?$"


def taken_by(path: Path, book: Book, layout: Layout) -> tuple[list[Taken], list[str]]:
    """The rows of all tables of a layout, and a sentence for each table that was not taken.

    A table is taken once per sheet (or block) that has it, and ends where another one begins.
    """
    found = [(table, _places(path, book, layout, table)) for table in layout.tables]
    begins = [
        (place.grid, place.header - table.header_rows + 1)
        for table, places in found
        for place in places
    ]
    taken: list[Taken] = []
    messages = []
    for table, places in found:
        try:
            if not places and not table.optional:
                raise UnreadableError(_missing(layout, table))
            taken += [_taken(_ended(place, begins), layout, table) for place in places]
        except UnreadableError as error:
            messages.append(str(error))
    return taken, messages + _blocks_not_read(book, layout, taken)


def _blocks_not_read(book: Book, layout: Layout, taken: Sequence[Taken]) -> list[str]:
    """A sentence for each block in which no table stands, so that no rows are lost in silence."""
    if layout.blocks is None:
        return []
    read = {(each.grid.name, each.grid.offset) for each in taken}
    begins = re.compile(layout.blocks)
    return [
        f"What begins at row {grid.offset + 1}{f' of sheet {grid.name}' if grid.name else ''} "
        f"({cell.strip()}) was not read: no headings of layout {layout.name} stand below it."
        for grid in book.grids
        if (grid.name, grid.offset) not in read
        for cell in [next((c for c in grid.top[0] if c and begins.search(c)), None)]
        if cell
    ]


def _places(path: Path, book: Book, layout: Layout, table: Table) -> list[Place]:
    found = (locate(path, book, grid, layout, table) for grid in sheets_named(book, table.sheets))
    return [place for place in found if place is not None]


def _missing(layout: Layout, table: Table) -> str:
    headings = ", ".join("/".join(choices) for choices in wanted_headings(layout, table))
    sheets = "" if table.sheets == ("*",) else f" in sheet {' / '.join(table.sheets)}"
    return f"The table of {table.kind} was not found{sheets}: no row has the headings {headings}."


def _ended(place: Place, begins: Sequence[tuple[Grid, int]]) -> Place:
    """The place, ended where the next table of its grid begins."""
    below = [row for grid, row in begins if grid is place.grid and row > place.header]
    return replace(place, stop=min(below, default=None))


def _taken(place: Place, layout: Layout, table: Table) -> Taken:
    contract = table.contract
    columns = {name: c for name, c in layout.columns_of(table).items() if name in contract.fields}
    _one_document(place, contract.key, columns)
    figures = [
        cell
        for name, column in columns.items()
        if contract.fields[name].type in SUMMED
        for cell in _standing(column, place)
    ]
    labels = [label for figure in layout.totals for label in figure.beside]
    rows = rows_below(place, table, figures, labels)
    draft = _draft(place, layout, table, columns, rows.taken)
    summed = [
        _summed(name, columns[name], place, layout, rows, draft)
        for name in table.totalled
        if name in columns and _standing(columns[name], place) and rows.totals.height
    ]
    return Taken(table, place.grid, draft, table_totals(table, place.grid, summed))


def _one_document(place: Place, key: Sequence[str], columns: Mapping[str, Column]) -> None:
    """Refuse to give all rows the first of several documents' numbers."""
    for name in key:
        column = columns.get(name)
        if column is None or not column.below:
            continue
        grids = sheets_named(place.book, (column.sheet,)) if column.sheet else [place.grid]
        values = list(dict.fromkeys(v for grid in grids for v in values_below(column, grid)))
        if len(values) > 1 and column.map is None:
            raise UnreadableError(
                f"Several values stand below {column.below[0]} ({', '.join(values[:5])}), but the "
                f"rows do not say which is theirs; export the documents one by one."
            )


def _draft(
    place: Place, layout: Layout, table: Table, columns: Mapping[str, Column], rows: pl.DataFrame
) -> Draft:
    contract = table.contract
    texts = {name: _text(column, place, layout, rows) for name, column in columns.items()}
    reads = read_columns(
        {name: text.text for name, text in texts.items()},
        contract.fields,
        {name: How(c.date_order, _times(c, place), c.round) for name, c in columns.items()},
    )
    typed = rows.select(
        sheet=pl.lit(place.grid.name, pl.String),
        row_no=pl.col(ROW).cast(pl.Int64),
        **{
            name: reads[name].values if name in reads else pl.lit(None, field.dtype)
            for name, field in contract.fields.items()
        },
    )
    faults = [
        fault
        for name, text in texts.items()
        for fault in _faults(contract.fields[name], text.unknown, reads[name], layout)
    ]
    typed = _negated(reckoned(typed, columns), columns)
    faults += broken_checks(table, Typed(place, typed, rows))
    headings = {name: _heading(column, place) for name, column in columns.items()}
    checked = {name: rows[cell] for name, cell in headings_checked(table, place).items()}
    raw = {name: text.raw for name, text in texts.items()}
    draft = Draft(contract, typed, {**checked, **raw}, faults, headings)
    return gathered(draft) if table.gather else draft


def _faults(field: Field, unknown: pl.Series | None, read: Read, layout: Layout) -> Iterator[Fault]:
    if unknown is not None:
        sentence = f"'{{}}' is not in the value map of layout {layout.name}; add it there."
        yield Fault(field.name, unknown, sentence)
    if read.unreadable is not None:
        yield Fault(field.name, read.unreadable, unreadable_sentence(field))


def _summed(
    name: str, column: Column, place: Place, layout: Layout, rows: Rows, draft: Draft
) -> Summed:
    """A field's figures as sent, beside those of the rows of 小计 and 合计."""
    signed = None
    if column.negate_when and rows.all.height == draft.typed.height:
        signed = draft.typed[name] if column.times > 0 else -draft.typed[name]
    printed = rows.totals.select(
        ROW,
        _label(place.grid.cells.columns),
        printed=_figures(column, place, layout, rows.totals).round(2, mode="half_away_from_zero"),
    )
    return Summed(
        name,
        "+".join(_standing(column, place)),
        rows.all[ROW],
        _figures(column, place, layout, rows.all),
        signed,
        printed.drop_nulls("printed"),
    )


def _figures(column: Column, place: Place, layout: Layout, rows: pl.DataFrame) -> pl.Series:
    """A column's figures as printed; in CNY where it states another unit."""
    text = _text(column, place, layout, rows).text
    # Deductions that are printed positive are summed positive.
    figures = scaled(fine_decimals(text), abs(_times(column, place))).values
    return within_measure(figures).alias("figure")


def _label(cells: Sequence[str]) -> pl.Expr:
    """The words that make a row a total."""
    words = [pl.when(says_total(pl.col(cell))).then(pl.col(cell)) for cell in cells]
    return pl.coalesce(words).alias("label")


def _times(column: Column, place: Place) -> Decimal:
    """What the column's figures are multiplied by: as the layout says, and by their unit."""
    if column.unit is None:
        return column.times
    number = next((n for h in column.headings if (n := place.number(h)) is not None), -1)
    return column.times * place.factor(number)


def _heading(column: Column, place: Place) -> str:
    """What the file calls a column."""
    headings = [heading for each in column.chain for heading in (*each.headings, *each.joined)]
    for heading in headings:
        if normalised(heading) in place.headings:
            return heading
    return next(iter([*headings, *column.beside, *column.below]), "")


def _standing(column: Column, place: Place) -> list[str]:
    """The grid's columns that hold a column, or what stands in for it."""
    return [name for each in column.chain for name in _under(each.headings, place)]


def _under(headings: Sequence[str], place: Place) -> list[str]:
    """The grid's columns under headings, those that the file has."""
    numbers = [place.number(heading) for heading in headings]
    return [f"c{number}" for number in numbers if number is not None]


@dataclass(frozen=True)
class _Text:
    """A column as sent, as text to be read, and the mask of values that no map knows."""

    raw: pl.Series
    text: pl.Series
    unknown: pl.Series | None


def _text(column: Column, place: Place, layout: Layout, rows: pl.DataFrame) -> _Text:
    """A column; where it has nothing, what stands in for it."""
    raw = _source(column, place, rows)
    text, unknown = _prepared(raw, column, layout)
    for other in column.chain[1:]:
        more = _source(other, place, rows)
        found, not_known = _prepared(more, other, layout)
        masks = [mask for mask in (unknown, not_known) if mask is not None]
        raw, text = _first_of(raw, more), _first_of(text, found)
        unknown = reduce(or_, masks) & text.is_null() if masks else None
    return _Text(raw, text, unknown)


def _first_of(first: pl.Series, second: pl.Series) -> pl.Series:
    return pl.DataFrame({"first": first, "second": second}).select(
        pl.coalesce("first", "second").alias("raw")
    )["raw"]


def _source(column: Column, place: Place, rows: pl.DataFrame) -> pl.Series:
    """The column as sent, as text."""
    standing = _under(column.headings, place)
    if column.joined:
        return joined([rows[name] for name in _under(column.joined, place)])
    if len(standing) == 1:
        return rows[standing[0]].alias("raw")
    if standing:
        return rows.select(pl.coalesce(standing).alias("raw"))["raw"]
    value = None if column.headings or column.reckoned else single_value(column, place)
    return pl.Series("raw", [value], dtype=pl.String).new_from_index(0, rows.height)


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
    if column.digits:
        before = zero_padded(before, column.digits)
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
