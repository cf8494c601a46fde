"""Print-ready letters with a table, each a workbook of one sheet, many in one archive."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

from receivables.workbook import bulk
from receivables.workbook.archive import Bulk, PackArchive
from receivables.workbook.model import Column, Kind, Label, Language
from receivables.workbook.shades import shade
from receivables.workbook.styles import BRAND, HEADING, MUTED, PALE, Look, Page, put
from receivables.workbook.text import number, shown, width_of

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
    with ZipFile(archive, "w") as file:
        for letter in letters:
            info = ZipInfo(_untaken(letter.name, taken), stamp)
            info.compress_type = ZIP_STORED  # workbooks are compressed already
            info.external_attr = 0o644 << 16
            info.create_system = 3
            file.writestr(info, letter_bytes(letter, language))
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


def letter_bytes(letter: Letter, language: Language) -> bytes:
    """A letter as a workbook."""
    book: Any = Workbook()
    stamp = datetime.combine(letter.as_of, time())
    book.properties = DocumentProperties(
        creator=letter.sender or "Sidan",
        title=f"{letter.title.say(language)} {letter.addressee}",
        subject=f"as of {letter.as_of.isoformat()}",
        keywords=f"as-of={letter.as_of.isoformat()}; policy={letter.policy_version}",
        created=stamp,
        modified=stamp,
    )
    for name, value in (("as_of", letter.as_of.isoformat()), ("policy", letter.policy_version)):
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    rows = _Sheet(book.active, letter, language).write()
    content = io.BytesIO()
    ExcelWriter(book, PackArchive(content, stamp, {"xl/worksheets/sheet1.xml": rows})).save()
    return content.getvalue()


class _Sheet:
    """Writes a letter top down; `row` is the next free row."""

    def __init__(self, page: Page, letter: Letter, language: Language) -> None:
        self.page = page
        self.letter = letter
        self.language: Language = language
        self.width = len(letter.columns)
        self.row = 1

    def write(self) -> Bulk:
        """Everything but the items, which are returned for the archive."""
        letter, say = self.letter, self.language
        self.page.title = letter.title.say(say)
        self._widths()
        self._line(
            letter.title.say(say), Look(bold=True, size=18, colour=BRAND, align="center"), 34
        )
        self._line(
            _NUMBER.say(say).format(letter.reference), Look(size=9, colour=MUTED, align="right")
        )
        self._line(_TO.say(say).format(letter.addressee), Look(bold=True, size=12), 24)
        if letter.sender:
            self._line(_FROM.say(say).format(letter.sender), Look(size=10))
        self._paragraph(letter.opening.say(say), Look(size=11, wrap=True))
        self.row += 1
        self._summary()
        rows, after = self._items(), self.row
        self._total()
        self._slip()
        self._page()
        extent = f"A1:{get_column_letter(self.width)}{self.row - 1}"
        return Bulk(extent, rows, before=after)

    def _widths(self) -> None:
        for index, column in enumerate(self.letter.columns):
            said = [
                column.label.say(self.language),
                *(self._said(row[index], column) for row in self.letter.rows),
            ]
            needed = max(map(width_of, said)) * 1.08 + 2
            if column.kind is Kind.TEXT:
                needed = min(needed, column.widest)
            width = max(needed, _WIDTHS.get(column.kind, 8.0))
            self.page.column_dimensions[get_column_letter(index + 1)].width = round(width, 1)

    def _said(self, value: Any, column: Column) -> str:
        label = (column.codes or {}).get(value) if isinstance(value, str) else None
        return label.say(self.language) if label else shown(value, column.kind)

    def _line(self, text: str, look: Look, height: float = 18) -> None:
        put(self.page, self.row, 1, text, look)
        self._merge(1, self.width)
        self.page.row_dimensions[self.row].height = height
        self.row += 1

    def _paragraph(self, text: str, look: Look) -> None:
        room = sum(
            self.page.column_dimensions[get_column_letter(i + 1)].width for i in range(self.width)
        )
        lines = -(-width_of(text) * 1.15 // room)
        self._line(text, look, 18 * max(1, lines) + 4)

    def _merge(self, first: int, last: int) -> None:
        if last > first:
            start, end = get_column_letter(first), get_column_letter(last)
            self.page.merged_cells.add(f"{start}{self.row}:{end}{self.row}")

    def _summary(self) -> None:
        say = self.language
        self._line(self.letter.summary_title.say(say), Look(bold=True, size=11, colour=BRAND))
        for place, (label, amount) in enumerate(self.letter.summary):
            ends = place in (0, len(self.letter.summary) - 1)
            look = Look(line=True, bold=ends, fill=PALE if ends else None)
            for column in range(1, self.width + 1):
                put(self.page, self.row, column, None, look)
            put(self.page, self.row, 1, label.say(say), look)
            self._money(self.width, amount, replace(look, kind=Kind.MONEY, zeros=True))
            self._merge(1, self.width - 1)
            self.row += 1
        self.row += 1

    def _items(self) -> Iterator[bytes]:
        """The heading of the items; returns the XML of their rows."""
        letter, say = self.letter, self.language
        self._line(
            f"{_ITEMS.say(say).format(len(letter.rows))}　{_UNIT.say(say)}",
            Look(bold=True, size=11, colour=BRAND),
        )
        for index, column in enumerate(letter.columns, 1):
            put(self.page, self.row, index, column.label.say(say), HEADING)
        self.page.print_title_rows = f"{self.row}:{self.row}"
        self.row += 1
        first, self.row = self.row, self.row + len(letter.rows)
        if letter.rows:
            shade(self.page, letter.columns, first, self.row - 1, say)
        lines, wraps = self._lines()
        styles = [
            bulk.column_styles(self.page, column, index in wraps)
            for index, column in enumerate(letter.columns)
        ]
        cells = bulk.cells_of(letter.columns, styles, say)
        return bulk.row_xml(letter.rows, [cells], [], first, bulk.Dress(lines))

    def _lines(self) -> tuple[dict[int, int], set[int]]:
        """Lines of the items that take more than one, and the columns with such texts."""
        lines: dict[int, int] = {}
        wraps: set[int] = set()
        for index, column in enumerate(self.letter.columns):
            if column.kind is not Kind.TEXT:
                continue
            for offset, row in enumerate(self.letter.rows):
                needed = -(-width_of(self._said(row[index], column)) // column.widest)
                if needed > 1:
                    lines[offset] = max(needed, lines.get(offset, 1))
                    wraps.add(index)
        return lines, wraps

    def _total(self) -> None:
        letter, say = self.letter, self.language
        total = Look(bold=True, line=True, fill=PALE)
        for index in range(1, self.width + 1):
            put(self.page, self.row, index, None, total)
        put(self.page, self.row, 1, _TOTAL.say(say), total)
        self._money(self.width, letter.amount, replace(total, kind=Kind.MONEY, zeros=True))
        self.row += 2

    def _money(self, index: int, value: Decimal, look: Look) -> None:
        put(self.page, self.row, index, value if number(value) else shown(value, Kind.MONEY), look)

    def _slip(self) -> None:
        say = self.language
        self._line("— " * 30, Look(size=9, colour=MUTED, align="center"))
        self._line(_SLIP.say(say), Look(bold=True, size=13, colour=BRAND, align="center"), 26)
        for label in (_AGREED, _DIFFERS):
            self._line(label.say(say), Look(size=10), 40)
        self._line(_NOTE.say(say), Look(size=9, colour=MUTED))

    def _page(self) -> None:
        page = self.page
        page.sheet_view.showGridLines = False
        page.page_setup.orientation = "portrait"
        page.page_setup.paperSize = 9  # A4
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_options.horizontalCentered = True
        page.page_margins.left = page.page_margins.right = 0.5
        page.print_area = f"A1:{get_column_letter(self.width)}{self.row - 1}"
        page.oddFooter.left.text = self.letter.reference
        page.oddFooter.right.text = _PAGES.say(self.language)
        page.oddFooter.left.size = page.oddFooter.right.size = 8
