"""Which rows below a header are rows of the table, which are its totals, and which are neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from receivables.sources.blocks import Place
from receivables.sources.layouts import Table

ROW = "__row"
_FIRST = "__first"
_IS_TOTAL = "__is_total"
_IS_ENDED = "__is_ended"
_WORKING = (_FIRST, _IS_TOTAL, _IS_ENDED)

# A row is a total when a cell says just this, or when its first filled cell ends so.
_TOTALS = [
    word + colon
    for word in ("小计", "合计", "总计", "共计", "小 计", "合 计", "总 计", "共 计")
    for colon in ("", "：", ":")
]
_TOTAL_FIRST = r"(?:小\s*计|合\s*计|总\s*计)(?:金额)?\s*(?:[(（][^()（）]*)?[)）]?[:：]?$"
_TOTAL = re.compile(_TOTAL_FIRST)
# Sums carried from page to page; they repeat what the rows above have said.
_CARRIED = r"^(?:承前页|过次页|转下页|接上页)"
# What stands below a table or between its pages. Only in rows without amount or quantity.
_NOTE = (
    r"^(?:注\d*\s*[、.]|第\s*\d+\s*页|共\s*\d+\s*页|以下空白|"
    r"\p{Han}[^:：\d]{0,11}[:：])"  # 注：…, 制表人：…, 实结余额：…
)
_NUMBER = r"^[\s(（¥￥]*[-−+]?[\s¥￥]*[\d０-９][\d０-９,，.．\s]*元?[\s)）]*[-−]?$"


@dataclass(frozen=True)
class Rows:
    """What stands below a header: cells c0, c1, … trimmed, empty ones null, and `__row`.

    `taken` are the table's rows, merged cells filled down; `all` those before some were left out
    by `where`; `totals` the rows of 小计, 合计, 总计, a last one at which the table ends included.
    """

    taken: pl.DataFrame
    all: pl.DataFrame
    totals: pl.DataFrame


def is_total_word(cell: str) -> bool:
    """Whether a cell says that its row is a total."""
    return cell.strip() in _TOTALS or bool(_TOTAL.search(cell.strip()))


def says_total(cell: pl.Expr) -> pl.Expr:
    """The same of a column of cells."""
    return cell.is_in(_TOTALS) | cell.str.contains(_TOTAL_FIRST)


def rows_below(
    place: Place, table: Table, figures: Sequence[str], labels: Sequence[str] = ()
) -> Rows:
    """The rows below a header; `figures` names the grid's columns that hold amounts and quantities.

    `labels` stand beside figures that the file prints of itself, so they begin no row.
    """
    sorted_out = _marked(place, table).collect()
    total, ended = pl.col(_IS_TOTAL), pl.col(_IS_ENDED)
    first_ended = ended & ~ended.shift(1, fill_value=False)
    data = sorted_out.filter(~total & ~ended)
    data = _filled_down(_without_notes(data, place, figures, labels), place, table.fill_down)
    totals = sorted_out.filter(total & (~ended | first_ended))
    taken = _where(data, place, table)
    return Rows(taken.drop(_WORKING), data.drop(_WORKING), totals.drop(_WORKING))


def _marked(place: Place, table: Table) -> pl.LazyFrame:
    """Rows that hold something and repeat no heading, with what kind of row they are."""
    cells = place.grid.cells.columns
    first = pl.col(_FIRST)
    is_total = first.str.contains(_TOTAL_FIRST) | pl.any_horizontal(pl.col(cells).is_in(_TOTALS))
    is_ended = first.str.contains(table.until) if table.until else pl.lit(False)
    unwanted = [
        *_repeated_headings(place, table),
        first.str.contains(_CARRIED),
        *(first.str.contains(pattern) & ~pl.col(_IS_TOTAL) for pattern in table.skip),
    ]
    length = None if place.stop is None else place.stop - place.header - 1
    below = place.grid.cells.slice(place.header + 1, length)
    return (
        below.lazy()
        .with_columns(_trimmed(pl.col(_untrimmed(below))))
        .with_row_index(ROW, offset=place.grid.offset + place.header + 2)
        .with_columns(pl.coalesce(cells).alias(_FIRST))
        .filter(first.is_not_null())
        .with_columns(
            is_total.fill_null(False).alias(_IS_TOTAL),
            is_ended.fill_null(False).cum_max().alias(_IS_ENDED),
        )
        .filter(~reduce(or_, (each.fill_null(False) for each in unwanted)))
    )


def _repeated_headings(place: Place, table: Table) -> list[pl.Expr]:
    """Whether a row is one of the header's rows again, as at the top of a printed page."""
    first = place.header - table.header_rows + 1
    same = []
    for number in range(first, place.header + 1):
        header = place.grid.cells.row(number)
        filled = [
            (f"c{at}", text.strip()) for at, text in enumerate(header) if (text or "").strip()
        ]
        same.append(pl.all_horizontal(pl.col(name) == text for name, text in filled))
    return same


def _untrimmed(cells: pl.DataFrame) -> list[str]:
    """The columns with spaces around a text; looking costs less than trimming all."""
    found = cells.select(pl.all().str.contains(r"^\s|\s$|^$").any())
    return [name for name in found.columns if found[name].item()]


def _trimmed(cell: pl.Expr) -> pl.Expr:
    trimmed = cell.str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def _without_notes(
    data: pl.DataFrame, place: Place, figures: Sequence[str], labels: Sequence[str]
) -> pl.DataFrame:
    """Without notes and repeated titles, which have no figure where amounts stand."""
    if not figures:
        return data
    has_figure = pl.any_horizontal(pl.col(figures).str.contains(_NUMBER)).fill_null(False)
    suspects = data.filter(~has_figure)
    if suspects.is_empty():
        return data
    looks = _looks(place.grid.cells.columns)
    is_title = looks.is_in(_titles(place)) & looks.str.contains(r"\p{Han}{2}")
    is_note = pl.col(_FIRST).str.contains(_NOTE) | is_title | pl.col(_FIRST).is_in(list(labels))
    if place.stop is not None:
        # What stands alone below the last figure is the title of the table that follows.
        last = data.filter(has_figure)[ROW].max() or 0
        is_alone = pl.sum_horizontal(pl.col(place.grid.cells.columns).is_not_null()) == 1
        is_note |= is_alone & (pl.col(ROW) > last)
    notes = suspects.filter(is_note)
    return data.filter(~pl.col(ROW).is_in(notes[ROW].implode()))


def _looks(cells: Sequence[str]) -> pl.Expr:
    """A row as text in which the number of a page or a day makes no difference."""
    return pl.concat_str(cells, separator="|", ignore_nulls=True).str.replace_all(r"\d+", "0")


def _titles(place: Place) -> list[str]:
    """What the rows above the header and the header itself look like."""
    above = place.grid.cells.head(place.header + 1).select(_trimmed(pl.all()))
    return above.select(looks=_looks(above.columns))["looks"].unique().to_list()


def _filled_down(rows: pl.DataFrame, place: Place, headings: Sequence[str]) -> pl.DataFrame:
    """Give merged cells their value; what is empty on a group's first row stays empty."""
    numbers = [place.number(heading) for heading in headings]
    names = [f"c{number}" for number in numbers if number is not None]
    if not names:
        return rows
    group = pl.col(names[0]).is_not_null().cum_sum()
    return rows.with_columns(pl.col(names).forward_fill().over(group))


def _where(rows: pl.DataFrame, place: Place, table: Table) -> pl.DataFrame:
    """The rows that the layout wants of the table; a heading that the file lacks asks nothing."""
    conditions = [
        pl.col(f"c{number}").fill_null("").str.contains(pattern) == is_wanted
        for asked, is_wanted in ((table.where, True), (table.unless, False))
        for heading, pattern in asked.items()
        if (number := place.number(heading)) is not None
    ]
    return rows.filter(*conditions) if conditions else rows
