"""How cells look: fonts, fills, number formats, one style per kind of column."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

from receivables.workbook.model import Kind

# openpyxl builds sheets and cells of descriptors that type checkers cannot follow.
Page = Any

FONT = "微软雅黑"
INK, MUTED, PALE, LINE = "FF1F2937", "FF6B7280", "FFF3F6FA", "FFD5DCE6"
BRAND, BRAND_LIGHT = "FF1F4E79", "FFE3ECF6"
GOOD, GOOD_FILL = "FF1E7B4B", "FFE3F4EA"
BAD, BAD_FILL = "FFB42318", "FFFDE7E4"
ENTRY_FILL = "FFFFFBE6"

CHART_COLOURS = (
    "1F4E79",
    "4A90C2",
    "8DB7D8",
    "C9DDEE",
    "F2C879",
    "E79A4B",
    "D1603D",
    "9E2A2B",
)

# The gap `_)` keeps a right-aligned number off the text in the next column.
NUMBER_FORMATS = {
    Kind.MONEY: '#,##0.00_);[Red]-#,##0.00_);"–"_)',
    Kind.QUANTITY: '#,##0.####_);[Red]-#,##0.####_);"–"_)',
    Kind.PERCENT: "0.0%_)",
    Kind.SCORE: "0.0_)",
    Kind.COUNT: '#,##0_);[Red]-#,##0_);"–"_)',
    Kind.DAY: "yyyy-mm-dd",
    Kind.TEXT: "@",
    Kind.CODE: "@",
}
# On a cover a zero is a figure, not a blank.
COVER_FORMATS = {
    **NUMBER_FORMATS,
    Kind.MONEY: "#,##0.00_);[Red]-#,##0.00_)",
    Kind.COUNT: "#,##0_);[Red]-#,##0_)",
}
NUMBERS = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.PERCENT, Kind.SCORE, Kind.COUNT})
TEXTS = frozenset({Kind.TEXT, Kind.CODE})

_HAIR = Side(style="thin", color=LINE)


@dataclass(frozen=True)
class Look:
    """A cell style in words."""

    bold: bool = False
    size: float = 10
    colour: str = INK
    fill: str | None = None
    kind: Kind = Kind.TEXT
    align: str | None = None
    wrap: bool = False
    line: bool = False
    underline: bool = False
    zeros: bool = False  # zero is shown as a figure
    quoted: bool = False  # a text that must never become a formula, even when edited
    entry: bool = False  # may be filled in where its sheet is locked
    inset: bool = False  # a text that keeps off the number before it


HEADING = Look(bold=True, colour="FFFFFFFF", fill=BRAND, align="center", wrap=True)
TITLE = Look(bold=True, size=14, colour=BRAND)
NOTE = Look(size=9, colour=MUTED)
LINK = Look(size=9, colour=BRAND, underline=True)


def paint(cell: Any, look: Look) -> Any:
    """Give a cell its look; returns the cell."""
    cell._style = copy(_style_of(cell.parent, look))
    return cell


def style_id(sheet: Page, look: Look) -> int:
    """Number of a look in the workbook's table of cell styles."""
    return paint(Cell(sheet, row=1, column=1), look).style_id


def put(sheet: Page, row: int, column: int, value: Any, look: Look) -> Any:
    """Write one typed cell in a look. Text never becomes a formula or an error value."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    return paint(cell, look)


def _style_of(sheet: Page, look: Look) -> Any:
    """The style of a look in a workbook, made once: openpyxl's styles are slow to build."""
    made = _MADE.setdefault(sheet.parent, {})
    if look not in made:
        made[look] = _draw(Cell(sheet, row=1, column=1), look)._style
    return made[look]


_MADE: WeakKeyDictionary[Any, dict[Look, Any]] = WeakKeyDictionary()


def _draw(cell: Any, look: Look) -> Any:
    cell.font = Font(
        name=FONT,
        size=look.size,
        bold=look.bold,
        color=look.colour,
        underline="single" if look.underline else None,
    )
    if look.fill:
        cell.fill = PatternFill("solid", start_color=look.fill, end_color=look.fill)
    right = look.kind in NUMBERS
    centre = look.kind is Kind.DAY
    cell.alignment = Alignment(
        horizontal=look.align or ("right" if right else "center" if centre else "left"),
        vertical="center",
        wrap_text=look.wrap,
        indent=1 if look.inset or (look.align == "right" and not right) else 0,
    )
    if look.line:
        cell.border = Border(bottom=_HAIR)
    if look.kind is not Kind.TEXT or look.quoted:
        cell.number_format = (COVER_FORMATS if look.zeros else NUMBER_FORMATS)[look.kind]
    if look.quoted:
        cell.quotePrefix = True
    if look.entry:
        cell.protection = Protection(locked=False)
    return cell
