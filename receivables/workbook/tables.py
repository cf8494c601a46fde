"""Data sheets: title, totals, heading, rows; frozen, filtered, sized, set up for printing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink

from receivables.workbook import bulk
from receivables.workbook.archive import Bulk
from receivables.workbook.forms import as_form
from receivables.workbook.links import Ways, place_of
from receivables.workbook.model import Column, Kind, Label, Language, Pack, Sheet
from receivables.workbook.shades import shade
from receivables.workbook.styles import HEADING, LINK, NOTE, TEXTS, TITLE, Look, Page, put
from receivables.workbook.text import plain, width_of

HEADING_ROW = 4
FIRST_ROW = HEADING_ROW + 1
# characters that a landscape page shows in a size that can still be read
A4_WIDTH, A3_WIDTH = 200, 290
A3 = 8
SHOWN_OF_LONG = 1_000  # rows of a long sheet that stand in the workbook

COVER = Label("封面", "Cover")
BACK = Label("← 封面", "← cover")
TOTAL = Label("合计", "Total")
ROWS = Label("共 {:,} 行", "{:,} rows")
LONG = Label(
    "共 {:,} 行，超过每表上限；此处列前 {:,} 行，全部见同一文件夹的 {}",
    "{:,} rows, more than a sheet takes; the first {:,} are here, all of them beside this in {}",
)


@dataclass(frozen=True)
class Taken:
    """A sheet's rows as read: those that go into the workbook, how many there are, their sums."""

    rows: Sequence[Sequence[Any]]
    count: int
    totals: Sequence[Any]
    overflow: Path | None = None


def take(sheet: Sheet, limit: int, overflow: Path) -> Taken:
    """Read a sheet's rows; when there are more than `limit`, write them all to a CSV instead."""
    source = iter(sheet.rows)
    first = list(islice(source, limit + 1))
    totals = Totals(sheet)
    if len(first) <= limit:
        return Taken(first, len(first), totals.over(first))
    with overflow.open("w", encoding="utf-8-sig", newline="") as file:
        count = write_csv(file, sheet.columns, totals.watch(chain(first, source)))
    return Taken(first[: min(SHOWN_OF_LONG, limit)], count, totals.sums, overflow)


class Totals:
    """Running sums of the columns that show one; None for the others.

    Of an outline only the rows at the top count: the others are in them.
    """

    def __init__(self, sheet: Sheet) -> None:
        columns = sheet.columns
        self._summed = [index for index, column in enumerate(columns) if column.total]
        self._levels = sheet.levels
        self.sums: list[Any] = [
            (0 if column.kind is Kind.COUNT else Decimal(0)) if column.total else None
            for column in columns
        ]

    def watch(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The rows as they are, added up on their way."""
        levels = self._levels or repeat(0)
        for row, level in zip(rows, levels, strict=False):
            if level == 0:
                for index in self._summed:
                    value = row[index]
                    if value is not None:
                        self.sums[index] += value
            yield row

    def over(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """The sums over rows."""
        for _ in self.watch(rows):
            pass
        return self.sums


def write_csv(file: Any, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """Rows as CSV under the column keys; returns how many.

    Text that a spreadsheet would read as a formula is led by an apostrophe. Codes stay codes.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([column.key for column in columns])
    textual = [index for index, column in enumerate(columns) if column.kind in TEXTS]
    count = 0
    for row in rows:
        out = list(row)
        for index in textual:
            value = out[index]
            if value is not None:
                out[index] = plain(str(value))
        writer.writerow(out)
        count += 1
    return count


def add_sheet(
    book: Workbook, pack: Pack, sheet: Sheet, taken: Taken, ways: Ways, language: Language
) -> Bulk:
    """Add a data sheet; returns what the archive has to put into it."""
    page: Page = book.create_sheet(sheet.title.say(language))
    count = len(taken.rows)
    last_row, last_column = HEADING_ROW + max(count, 1), get_column_letter(len(sheet.columns))
    summed = any(column.total for column in sheet.columns)
    put(page, 1, 1, _title(pack, sheet, language), TITLE)
    _back_link(page, language)
    heights: dict[int, int] = {}
    wraps = []
    for index, column in enumerate(sheet.columns):
        values = [row[index] for row in taken.rows]
        fitted = bulk.fit(column, values, taken.totals[index], language)
        for offset, lines in fitted.lines.items():
            heights[offset] = max(lines, heights.get(offset, 1))
        page.column_dimensions[get_column_letter(index + 1)].width = round(fitted.width, 1)
        wraps.append(bool(fitted.lines))
        put(page, HEADING_ROW, index + 1, column.label.say(language), HEADING)
        if summed:
            look = Look(bold=True, kind=column.kind, fill="FFE3ECF6")
            put(page, HEADING_ROW - 1, index + 1, taken.totals[index], look)
    if count:
        shade(page, sheet.columns, FIRST_ROW, last_row, language)
    if summed and not sheet.columns[0].total:
        put(page, HEADING_ROW - 1, 1, TOTAL.say(language), Look(bold=True, fill="FFE3ECF6"))
    if sheet.is_form:
        as_form(page, sheet, FIRST_ROW, last_row, language)
    page.row_dimensions[1].height = 24
    page.row_dimensions[HEADING_ROW].height = 32
    # by name: asking for the cell would make an empty row where the rows are to come
    page.freeze_panes = f"{get_column_letter(sheet.frozen_columns + 1)}{FIRST_ROW}"
    page.auto_filter.ref = f"A{HEADING_ROW}:{last_column}{last_row}"
    set_up_page(page, pack, language)
    _set_up_print(page, sheet, last_row)
    _head(page, sheet, _note(sheet, taken, language), language)
    dress = bulk.Dress(heights, sheet.levels, sheet.folded, ways.columns)
    return Bulk(
        f"A1:{last_column}{last_row}",
        bulk.row_xml(taken.rows, *_cells(page, sheet, wraps, language), FIRST_ROW, dress),
        ways.xml,
    )


def _title(pack: Pack, sheet: Sheet, language: Language) -> str:
    return f"{pack.title.say(language)} · {sheet.title.say(language)}"


def _cells(
    page: Page, sheet: Sheet, wraps: Sequence[bool], language: Language
) -> tuple[list[list[bulk.Cell]], list[list[bulk.Cell]]]:
    """How cells are written that stay and that lead elsewhere, by depth in the outline."""
    deepest = max(sheet.levels, default=0)
    if deepest:
        page.sheet_format.outlineLevelRow = deepest
        page.sheet_properties.outlinePr.summaryBelow = False

    def dressed(above: int, leads: bool) -> list[bulk.Cell]:
        styles = [
            bulk.column_styles(page, column, wrap, above=above, leads=leads)
            for column, wrap in zip(sheet.columns, wraps, strict=True)
        ]
        return bulk.cells_of(sheet.columns, styles, language)

    depths = range(deepest, -1, -1)
    return (
        [dressed(above, False) for above in depths],
        [dressed(above, True) for above in depths] if sheet.links else [],
    )


def _set_up_print(page: Page, sheet: Sheet, last_row: int) -> None:
    """Paper as large as the columns need; what is for the screen only stays off it."""
    printed = _printed(sheet)
    letters = [get_column_letter(index + 1) for index in range(printed)]
    wide = sum(page.column_dimensions[letter].width for letter in letters)
    if wide > A4_WIDTH:
        page.page_setup.paperSize = A3
        page.page_setup.fitToWidth = max(1, round(wide / A3_WIDTH))
    page.print_area = f"A1:{letters[-1]}{last_row}"
    page.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    if page.page_setup.fitToWidth > 1:
        page.print_title_cols = f"A:{get_column_letter(max(sheet.frozen_columns, 1))}"


def _printed(sheet: Sheet) -> int:
    """How many columns are printed: all but the last that are for the screen only."""
    printed = [index for index, column in enumerate(sheet.columns, 1) if column.is_printed]
    return max(printed, default=1)


def _head(page: Page, sheet: Sheet, note: str, language: Language) -> None:
    """The note above the columns, on as many lines as their width asks for."""
    last = _printed(sheet)
    put(page, 2, 2, note, replace(NOTE, wrap=last > 2))
    if last <= 2:
        return
    letters = [get_column_letter(index) for index in range(2, last + 1)]
    page.merged_cells.add(f"B2:{letters[-1]}2")
    room = sum(page.column_dimensions[letter].width for letter in letters)
    lines = -(-width_of(note) // max(int(min(room, A3_WIDTH) * 1.05), 20))
    page.row_dimensions[2].height = max(15.0, 13.0 * lines + 2)


def set_up_page(page: Page, pack: Pack, language: Language, orientation: str = "landscape") -> None:
    """A4, fitted to the width, with header and footer."""
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = orientation
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.6, 0.55
    page.page_margins.header = page.page_margins.footer = 0.25
    title = f"{pack.company}  {pack.title.say(language)}".strip().replace("&", "&&")
    as_of = Label("截至 {}", "as of {}").say(language).format(pack.as_of.isoformat())
    page.oddHeader.left.text = title
    page.oddHeader.right.text = as_of
    page.oddFooter.left.text = "&A"
    page.oddFooter.right.text = Label("第 &P 页，共 &N 页", "page &P of &N").say(language)
    for part in (page.oddHeader.left, page.oddHeader.right, page.oddFooter.left):
        part.size = 8
    page.oddFooter.right.size = 8


def link_to(page: Page, cell: str, sheet_title: str, tip: str = "") -> None:
    """Make a cell jump to the top of another sheet."""
    location = place_of(sheet_title, 1)
    page[cell].hyperlink = Hyperlink(ref=cell, location=location, tooltip=tip or None)


def _back_link(page: Page, language: Language) -> None:
    put(page, 2, 1, BACK.say(language), LINK)
    link_to(page, "A2", COVER.say(language))


def _note(sheet: Sheet, taken: Taken, language: Language) -> str:
    said = too_long(sheet, taken, language) or ROWS.say(language).format(taken.count)
    note = sheet.note.say(language)
    return f"{said} · {note}" if note else said


def too_long(sheet: Sheet, taken: Taken, language: Language) -> str:
    """A sentence that says where the rows of a long sheet are; empty where all are in the sheet.

    The CSV is named by its ending, for the pack's stem is settled after the writing.
    """
    if taken.overflow is None:
        return ""
    return LONG.say(language).format(taken.count, len(taken.rows), f"*-{sheet.name}.csv")
