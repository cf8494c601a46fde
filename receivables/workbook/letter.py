"""Print-ready letters with a table, each a workbook of one sheet, many in one archive."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

from receivables.workbook import bulk
from receivables.workbook.archive import PackArchive
from receivables.workbook.bulk import ColumnStyles
from receivables.workbook.model import Column, Kind, Label, Language
from receivables.workbook.shades import shade
from receivables.workbook.styles import (
    BRAND,
    HEADING,
    MUTED,
    PALE,
    Look,
    Page,
    style_id,
)
from receivables.workbook.text import clean, width_of, xml_text

_TO = Label("致：{}", "To: {}")
_FROM = Label("发函单位：{}", "From: {}")
_NUMBER = Label("函号：{}", "No. {}")
_UNIT = Label("单位：元（含税）", "CNY, tax included")
_ITEMS = Label("未付明细（共 {:,} 笔）", "Unpaid items ({:,})")
_TOTAL = Label("合计", "Total")
_SLIP = Label("回　执", "Reply")
_AGREED = Label(
    "□ 数据证明无误。　　　签章：　　　　　　　　　　　日期：　　　　年　　月　　日",
    "□ The balance is correct.   Signature and seal:                          Date:",
)
_DIFFERS = Label(
    "□ 数据不符，差异及原因：　　　　　　　　　　　　　　签章：　　　　　　　日期：",
    "□ It is not; differences and reasons:                    Signature and seal:      Date:",
)
_NOTE = Label(
    "本函仅为复核账目之用，并非催款结算；截止日之后已付款项请一并注明。",
    "This letter is for checking accounts only. Please state payments made after its date.",
)
_PAGES = Label("第 &P 页，共 &N 页", "page &P of &N")
_WIDTHS = {Kind.DAY: 12.0, Kind.COUNT: 10.0, Kind.MONEY: 16.0}
_UNSAFE_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


@dataclass(frozen=True)
class Letter:
    """A letter about an account: a summary of labelled amounts, and rows under columns.

    `name` is the file's; `amount` what the rows sum to, CNY.
    """

    name: str
    title: Label
    addressee: str
    sender: str
    reference: str
    as_of: date
    policy_version: str
    opening: Label
    summary_title: Label
    summary: Sequence[tuple[Label, Decimal]]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    amount: Decimal


def write_letters(
    archive: Path, letters: Iterable[Letter], as_of: date, language: Language
) -> tuple[int, Decimal]:
    """Write letters as workbooks into one zip; returns how many rows they list and their amount.

    The same letters always give the same bytes.
    """
    rows, amount = 0, Decimal(0)
    stamp = (as_of.year, as_of.month, as_of.day, 0, 0, 0)
    taken: set[str] = set()
    mould: _Mould | None = None
    with ZipFile(archive, "w") as file:
        for letter in letters:
            info = ZipInfo(_untaken(letter.name, taken), stamp)
            info.compress_type = ZIP_STORED  # workbooks are compressed already
            info.external_attr = 0o644 << 16
            info.create_system = 3
            if mould is None or not mould.fits(letter):
                mould = _mould(letter, language)
            file.writestr(info, mould.cast(letter))
            rows += len(letter.rows)
            amount += letter.amount
    return rows, amount


def _untaken(name: str, taken: set[str]) -> str:
    """A file name that any system takes and no other letter has."""
    safe = _UNSAFE_NAME.sub("_", name)[:80].strip(" .")
    number, free = 1, safe
    while free in taken:
        number += 1
        free = f"{safe}-{number}"
    taken.add(free)
    return f"{free}.xlsx"


# What stands in the mould for what each letter says; rows that no letter reaches stand for its own.
_ADDRESSEE, _REFERENCE = "addressee-of-the-letter", "reference-of-the-letter"
_HEADING_ROW, _FIRST_ROW, _LAST_ITEM, _LAST_ROW = 1048571, 1048572, 1048573, 1048574
_NO_EXTENT, _NO_ROWS = b'<dimension ref="A1:A1" />', b"<sheetData></sheetData>"
_SHEET, _BOOK, _CORE = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/core.xml"

_PLACES = {
    "title": Look(bold=True, size=18, colour=BRAND, align="center"),
    "number": Look(size=9, colour=MUTED, align="right"),
    "to": Look(bold=True, size=12),
    "text": Look(size=10),
    "opening": Look(size=11, wrap=True),
    "section": Look(bold=True, size=11, colour=BRAND),
    "heading": HEADING,
    "end": Look(line=True, bold=True, fill=PALE),
    "moved": Look(line=True),
    "cut": Look(size=9, colour=MUTED, align="center"),
    "slip": Look(bold=True, size=13, colour=BRAND, align="center"),
    "note": Look(size=9, colour=MUTED),
}


# What letters of one mould have in common.
_SHARED = ("title", "sender", "as_of", "policy_version", "columns")


@dataclass(frozen=True)
class _Mould:
    """Everything of a letter's workbook but its rows: openpyxl makes it once for many letters.

    It was made for the letter `model`. `styles` are numbers of cell styles: by place in the letter,
    by place of an amount, and by kind of an item's cell, unwrapped and wrapped.
    """

    model: Letter
    language: Language
    members: Mapping[str, bytes]
    styles: Mapping[Any, ColumnStyles]

    def fits(self, letter: Letter) -> bool:
        """Whether a letter's workbook differs from the mould's in nothing but what is filled in."""
        return all(getattr(letter, name) == getattr(self.model, name) for name in _SHARED)

    def cast(self, letter: Letter) -> bytes:
        """The workbook of one letter."""
        rows = _Sheet(letter, self.language, self.styles).write()
        content = io.BytesIO()
        with PackArchive(content, datetime.combine(letter.as_of, time()), {}) as archive:
            for name, member in self.members.items():
                archive.writestr(name, self._filled(name, member, letter, rows))
        return content.getvalue()

    def _filled(self, name: str, member: bytes, letter: Letter, rows: _Rows) -> bytes:
        if name == _CORE:
            return member.replace(_ADDRESSEE.encode(), xml_text(clean(letter.addressee)).encode())
        if name == _BOOK:
            return rows.place(member)
        if name != _SHEET:
            return member
        head, _, tail = rows.place(member).partition(_NO_ROWS)
        reference = xml_text(clean(letter.reference.replace("&", "&&"))).encode()
        return b"".join(
            [head.replace(_NO_EXTENT, b""), rows.xml, tail.replace(_REFERENCE.encode(), reference)]
        )


@dataclass(frozen=True)
class _Rows:
    """The XML of a letter's columns, rows and merged cells, and where its items stand."""

    xml: bytes
    heading: int
    items: int
    last: int

    def place(self, member: bytes) -> bytes:
        """A member of the mould with this letter's rows for those of the mould."""
        rows = {
            _HEADING_ROW: self.heading,
            _FIRST_ROW: self.heading + 1,
            _LAST_ITEM: self.heading + max(self.items, 1),
            _LAST_ROW: self.last,
        }
        for mould, row in rows.items():
            member = member.replace(str(mould).encode(), str(row).encode())
        return member


def _mould(model: Letter, language: Language) -> _Mould:
    book: Any = Workbook()
    title, as_of = model.title.say(language), model.as_of.isoformat()
    stamp = datetime.combine(model.as_of, time())
    book.properties = DocumentProperties(
        creator=model.sender or "Sidan",
        title=f"{title} {_ADDRESSEE}",
        subject=f"as of {as_of}",
        keywords=f"as-of={as_of}; policy={model.policy_version}",
        created=stamp,
        modified=stamp,
    )
    for name, value in (("as_of", as_of), ("policy", model.policy_version)):
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    page = book.active
    page.title = title
    _set_up(page, model.columns, language)
    styles: dict[Any, ColumnStyles] = {}
    for place, look in _PLACES.items():
        number = style_id(page, look)
        styles[place] = ColumnStyles(number, number)
        styles[place, Kind.MONEY] = ColumnStyles(
            style_id(page, replace(look, kind=Kind.MONEY, zeros=True)),
            style_id(page, replace(look, align="right")),
        )
    for kind, wraps in product(Kind, (False, True)):
        styles[kind, wraps] = bulk.column_styles(page, Column("", Label("", ""), kind), wraps)
    content = io.BytesIO()
    ExcelWriter(book, PackArchive(content, stamp, {})).save()
    with ZipFile(content) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return _Mould(model, language, members, styles)


def _set_up(page: Page, columns: Sequence[Column], language: Language) -> None:
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "portrait"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.5
    page.print_title_rows = f"{_HEADING_ROW}:{_HEADING_ROW}"
    page.print_area = f"A1:{get_column_letter(len(columns))}{_LAST_ROW}"
    shade(page, columns, _FIRST_ROW, _LAST_ITEM, language)
    page.oddFooter.left.text = _REFERENCE
    page.oddFooter.right.text = _PAGES.say(language)
    page.oddFooter.left.size = page.oddFooter.right.size = 8


class _Sheet:
    """Writes a letter top down as XML; `row` is the next free row."""

    def __init__(
        self, letter: Letter, language: Language, styles: Mapping[Any, ColumnStyles]
    ) -> None:
        self.letter = letter
        self.language: Language = language
        self.styles = styles
        self.width = len(letter.columns)
        self.row = 1
        self.rows: list[bytes] = []
        self.merged: list[str] = []
        self.heading = 0

    def write(self) -> _Rows:
        letter, say = self.letter, self.language
        fits = [
            bulk.fit(
                column,
                [row[index] for row in letter.rows],
                letter.amount if column.total else None,
                say,
            )
            for index, column in enumerate(letter.columns)
        ]
        widths = [
            round(max(fitted.width, _WIDTHS.get(column.kind, 8.0)), 1)
            for fitted, column in zip(fits, letter.columns, strict=True)
        ]
        self._line(letter.title.say(say), "title", 34)
        self._line(_NUMBER.say(say).format(letter.reference), "number")
        self._line(_TO.say(say).format(letter.addressee), "to", 24)
        if letter.sender:
            self._line(_FROM.say(say).format(letter.sender), "text")
        opening = letter.opening.say(say)
        lines = -(-width_of(opening) * 1.15 // sum(widths))
        self._line(opening, "opening", 18 * max(1, lines) + 4)
        self.row += 1
        self._summary()
        self._items(fits)
        self._slip()
        return _Rows(self._xml(widths), self.heading, len(letter.rows), self.row - 1)

    def _xml(self, widths: Sequence[float]) -> bytes:
        columns = "".join(
            f'<col min="{index}" max="{index}" width="{width}" customWidth="1"/>'
            for index, width in enumerate(widths, 1)
        )
        merged = "".join(f'<mergeCell ref="{area}"/>' for area in self.merged)
        return b"".join(
            [
                f"<cols>{columns}</cols><sheetData>".encode(),
                *self.rows,
                b"</sheetData>",
                f'<mergeCells count="{len(self.merged)}">{merged}</mergeCells>'.encode(),
            ]
        )

    def _put(self, cells: Mapping[int, str], height: float | None = None) -> None:
        """A row of cells by column, each the XML that follows its name."""
        sized = f' ht="{height}" customHeight="1"' if height else ""
        said = "".join(
            f'<c r="{get_column_letter(column)}{self.row}{cell}' for column, cell in cells.items()
        )
        self.rows.append(f'<row r="{self.row}"{sized}>{said}</row>'.encode())
        self.row += 1

    def _text(self, text: str, place: str) -> str:
        return bulk.renderer(_PLAIN, self.styles[place], self.language)(text)

    def _line(self, text: str, place: str, height: float = 18) -> None:
        self._merge(1, self.width)
        self._put({1: self._text(text, place)}, height)

    def _merge(self, first: int, last: int) -> None:
        if last > first:
            start, end = get_column_letter(first), get_column_letter(last)
            self.merged.append(f"{start}{self.row}:{end}{self.row}")

    def _amount(self, text: str, amount: Decimal, place: str) -> None:
        """A row of a text at the left and an amount at the right."""
        blank = f'" s="{self.styles[place].plain}"/>'
        money = bulk.renderer(_MONEY, self.styles[place, Kind.MONEY], self.language)
        blanks = dict.fromkeys(range(2, self.width), blank)
        self._put({1: self._text(text, place), **blanks, self.width: money(amount)})

    def _summary(self) -> None:
        say = self.language
        self._line(self.letter.summary_title.say(say), "section")
        for place, (label, amount) in enumerate(self.letter.summary):
            ends = place in (0, len(self.letter.summary) - 1)
            self._merge(1, self.width - 1)
            self._amount(label.say(say), amount, "end" if ends else "moved")
        self.row += 1

    def _items(self, fits: Sequence[bulk.Fit]) -> None:
        letter, say = self.letter, self.language
        count = _ITEMS.say(say).format(len(letter.rows))
        self._line(f"{count}　{_UNIT.say(say)}", "section")
        self.heading = self.row
        labels = enumerate((column.label.say(say) for column in letter.columns), 1)
        self._put({index: self._text(label, "heading") for index, label in labels})
        styles = [
            self.styles[column.kind, bool(fitted.lines)]
            for column, fitted in zip(letter.columns, fits, strict=True)
        ]
        heights: dict[int, int] = {}
        for fitted in fits:
            for offset, lines in fitted.lines.items():
                heights[offset] = max(lines, heights.get(offset, 1))
        cells = bulk.cells_of(letter.columns, styles, say)
        self.rows += bulk.row_xml(letter.rows, [cells], [], self.row, bulk.Dress(heights))
        self.row += len(letter.rows)
        self._amount(_TOTAL.say(say), letter.amount, "end")
        self.row += 1

    def _slip(self) -> None:
        say = self.language
        self._line("— " * 30, "cut")
        self._line(_SLIP.say(say), "slip", 26)
        for label in (_AGREED, _DIFFERS):
            self._line(label.say(say), "text", 40)
        self._line(_NOTE.say(say), "note")


_PLAIN = Column("text", Label("", ""), Kind.CODE)
_MONEY = Column("amount", Label("", ""), Kind.MONEY)
