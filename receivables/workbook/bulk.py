"""Rows of a sheet straight to XML.

openpyxl makes everything of a workbook but the long rows: building a cell object for each of a
million cells takes minutes. The rows are typed text appended to the sheet's XML, which is also
how a Decimal reaches the file digit by digit, never by way of a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from openpyxl.utils import get_column_letter

from receivables.workbook.model import Column, Kind, Language
from receivables.workbook.styles import (
    BRAND,
    BRAND_LIGHT,
    ENTRY_FILL,
    NUMBERS,
    PALE,
    TEXTS,
    Look,
    Page,
    style_id,
)
from receivables.workbook.text import (
    clean,
    looks_like_formula,
    number,
    serial,
    shown,
    width_of,
    xml_text,
)

LINE_HEIGHT = 15.0

# Numbers of papers, names: nothing to be cleaned, escaped or kept from becoming a formula.
_SIMPLE = re.compile(r"[0-9A-Za-z一-鿿](?:[0-9A-Za-z一-鿿 ./:-]{0,998}[0-9A-Za-z一-鿿])?").fullmatch

# A cell's XML less its opening: the caller has written `<c r="A5`.
Render = Callable[[Any], str]
# Opening, style of an empty cell, and renderer of a column.
Cell = tuple[str, str, Render]


@dataclass(frozen=True)
class Dress:
    """What sets single rows apart, by their place from 0.

    Attributes:
        heights: lines of the rows that take more than one.
        levels: depth of every row in an outline; empty where there is none.
        folded: rows of this depth or deeper are folded away.
        links: columns whose cells lead elsewhere.
    """

    heights: Mapping[int, int] = field(default_factory=dict)
    levels: Sequence[int] = ()
    folded: int = 9
    links: Mapping[int, Set[int]] = field(default_factory=dict)

    def attributes(self, offset: int) -> str:
        """The attributes of a row's XML."""
        lines = self.heights.get(offset)
        said = f' ht="{lines * LINE_HEIGHT}" customHeight="1"' if lines else ""
        if not self.levels:
            return said
        level, after = self.levels[offset], (*self.levels[offset + 1 : offset + 2], 0)[0]
        if level:
            said += f' outlineLevel="{level}"'
        if level >= self.folded:
            said += ' hidden="1"'
        return said + (' collapsed="1"' if level < self.folded <= after else "")


@dataclass(frozen=True)
class ColumnStyles:
    """Numbers of the cell styles of one column."""

    plain: int
    quoted: int


def column_styles(
    sheet: Page, column: Column, wrap: bool, *, above: int = 0, leads: bool = False
) -> ColumnStyles:
    """The styles of a column in a workbook.

    Args:
        sheet: The sheet.
        column: The column.
        wrap: Its texts are longer than it is wide.
        above: How many depths of an outline lie below the row.
        leads: The cells lead elsewhere.
    """
    more: dict[str, Any] = {"entry": True, "fill": ENTRY_FILL} if column.is_entry else {}
    if above:
        more |= {"bold": above > 1, "fill": BRAND_LIGHT if above > 1 else PALE}
    if leads:
        more |= {"underline": True, "colour": BRAND}
    plain = Look(kind=column.kind, line=True, wrap=wrap, inset=column.kind in TEXTS, **more)
    text = Look(
        kind=Kind.CODE,
        line=True,
        wrap=wrap,
        quoted=True,
        inset=column.kind in TEXTS,
        align="right" if column.kind in NUMBERS else None,
        **more,
    )
    return ColumnStyles(style_id(sheet, plain), style_id(sheet, text))


def coded(column: Column, language: Language) -> Mapping[str, str]:
    """Labels of a column's codes in one language."""
    return {code: label.say(language) for code, label in (column.codes or {}).items()}


def renderer(column: Column, styles: ColumnStyles, language: Language) -> Render:
    """The function that turns this column's values into the XML of their cells."""
    plain, quoted = f'" s="{styles.plain}"', f'" s="{styles.quoted}"'

    def text(value: Any) -> str:
        said = value if isinstance(value, str) else str(value)
        if _SIMPLE(said):
            return f'{plain} t="inlineStr"><is><t>{said}</t></is></c>'
        style = quoted if looks_like_formula(said) else plain
        said = clean(said)
        space = "" if said.strip() == said and "\n" not in said else ' xml:space="preserve"'
        return f'{style} t="inlineStr"><is><t{space}>{xml_text(said)}</t></is></c>'

    def numeric(value: Any) -> str:
        digits = number(value)
        if digits is None:  # more digits than a spreadsheet number holds: shown as text instead
            said = xml_text(shown(value, column.kind))
            return f'{quoted} t="inlineStr"><is><t>{said}</t></is></c>'
        return f"{plain}><v>{digits}</v></c>"

    def day(value: Any) -> str:
        if isinstance(value, datetime):
            value = value.date()
        if not isinstance(value, date):
            raise TypeError(f"{column.key}: {value!r} is not a date")
        stored = serial(value)
        return text(value.isoformat()) if stored is None else f"{plain}><v>{stored}</v></c>"

    if column.kind in NUMBERS:
        return numeric
    if column.kind is Kind.DAY:
        return day
    if column.kind is Kind.CODE:
        return text
    labels = coded(column, language)
    # names, reasons and labels come again and again
    return cache(lambda value: text(labels.get(value, value)))


def cells_of(
    columns: Sequence[Column], styles: Sequence[ColumnStyles], language: Language
) -> list[Cell]:
    """How the cells of a row are written."""
    return [
        (
            f'<c r="{get_column_letter(place)}',
            f'" s="{style.plain}"/>',
            renderer(column, style, language),
        )
        for place, (column, style) in enumerate(zip(columns, styles, strict=True), 1)
    ]


def row_xml(
    rows: Sequence[Sequence[Any]],
    plain: Sequence[Sequence[Cell]],
    leading: Sequence[Sequence[Cell]],
    first_row: int,
    dress: Dress,
) -> Iterator[bytes]:
    """Rows as XML, in pieces of some thousand.

    Args:
        rows: The values.
        plain: How cells are written, by the row's depth in an outline.
        leading: The same of cells that lead elsewhere.
        first_row: Where the rows begin.
        dress: What sets single rows apart.

    Raises:
        TypeError: a value does not have its column's type; the message names the column.
    """
    piece: list[str] = []
    for offset, row in enumerate(rows):
        at = first_row + offset
        depth = dress.levels[offset] if dress.levels else 0
        cells = plain[depth]
        if offset in dress.links:
            leads = dress.links[offset]
            both = zip(cells, leading[depth], strict=True)
            cells = [two[place in leads] for place, two in enumerate(both)]
        piece.append(f'<row r="{at}"{dress.attributes(offset)}>')
        try:
            piece.extend(
                f"{letter}{at}{empty if value is None else render(value)}"
                for (letter, empty, render), value in zip(cells, row, strict=True)
            )
        except TypeError as error:
            raise TypeError(f"row {offset + 1}: {error}") from None
        piece.append("</row>")
        if offset % 2000 == 1999:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()


@dataclass(frozen=True)
class Fit:
    """Width of a column in characters, and the lines that its long texts take, by row."""

    width: float
    lines: Mapping[int, int]


def fit(column: Column, values: Sequence[Any], total: Any, language: Language) -> Fit:
    """The width that shows every value of a column; long text wraps at the column's widest."""
    heading = width_of(column.label.say(language))
    # A long heading takes two lines, and leaves room for the filter's arrow.
    least = (heading if heading <= 10 else max(10, (heading + 1) // 2 + 1)) + 3
    if column.is_entry:
        return Fit(max(least, column.widest), {})
    lines: dict[int, int] = {}
    if column.kind in NUMBERS:
        there = [value for value in values if value is not None]
        ends = [min(there), max(there)] if there else []
        if total is not None:
            ends.append(total)
        content = max((width_of(shown(value, column.kind)) for value in ends), default=0)
        return Fit(max(least, content * 1.08 + 2), lines)
    if column.kind is Kind.DAY:
        return Fit(max(least, 12), lines)
    labels = coded(column, language)
    widest = 0
    measured: dict[Any, int] = {}
    for index, value in enumerate(values):
        if value is None:
            continue
        taken = measured.get(value)
        if taken is None:
            said = str(labels.get(value, value))
            taken = width_of(said)
            needed = _lines(said, column.widest) if column.kind is Kind.TEXT else 1
            measured[value] = taken = taken if needed == 1 else -needed
        if taken < 0:
            lines[index] = -taken
        elif taken > widest:
            widest = taken
    if lines:
        widest = column.widest
    return Fit(max(least, min(widest, 250) * 1.08 + 2), lines)


def _lines(text: str, widest: int) -> int:
    """Lines that a text takes when wrapped at a width."""
    return sum(max(1, -(-width_of(line) // widest)) for line in text.split("\n"))
