"""Data sheets: title, totals, heading, rows; frozen, filtered, sized, set up for printing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink

from receivables.workbook import bulk
from receivables.workbook.forms import as_form
from receivables.workbook.model import Column, Kind, Label, Language, Pack, Sheet
from receivables.workbook.styles import (
    HEADING,
    LINK,
    NOTE,
    TEXTS,
    TITLE,
    Look,
    Page,
    alarm_rule,
    put,
)
from receivables.workbook.text import plain

HEADING_ROW = 4
FIRST_ROW = HEADING_ROW + 1
PAGE_WIDTH = 210  # characters that a landscape page shows in a size that can still be read
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
    totals = Totals(sheet.columns)
    if len(first) <= limit:
        return Taken(first, len(first), totals.over(first))
    with overflow.open("w", encoding="utf-8-sig", newline="") as file:
        count = write_csv(file, sheet.columns, totals.watch(chain(first, source)))
    return Taken(first[: min(SHOWN_OF_LONG, limit)], count, totals.sums, overflow)


class Totals:
    """Running sums of the columns that show one; None for the others."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._summed = [index for index, column in enumerate(columns) if column.total]
        self.sums: list[Any] = [
            (0 if column.kind is Kind.COUNT else Decimal(0)) if column.total else None
            for column in columns
        ]

    def watch(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The rows as they are, added up on their way."""
        for row in rows:
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
    book: Workbook, pack: Pack, sheet: Sheet, taken: Taken, language: Language
) -> tuple[str, Iterator[bytes]]:
    """Add a data sheet; returns its extent and the XML of its rows for the archive."""
    page: Page = book.create_sheet(sheet.title.say(language))
    count = len(taken.rows)
    last_row, last_column = HEADING_ROW + max(count, 1), get_column_letter(len(sheet.columns))
    summed = any(column.total for column in sheet.columns)
    put(page, 1, 1, f"{pack.title.say(language)} · {sheet.title.say(language)}", TITLE)
    _back_link(page, language)
    put(page, 2, 2, _note(sheet, taken, language), NOTE)
    heights: dict[int, int] = {}
    styles = []
    for index, column in enumerate(sheet.columns):
        values = [row[index] for row in taken.rows]
        fitted = bulk.fit(column, values, taken.totals[index], language)
        for offset, lines in fitted.lines.items():
            heights[offset] = max(lines, heights.get(offset, 1))
        page.column_dimensions[get_column_letter(index + 1)].width = round(fitted.width, 1)
        styles.append(bulk.column_styles(page, column, wrap=bool(fitted.lines)))
        put(page, HEADING_ROW, index + 1, column.label.say(language), HEADING)
        if summed:
            look = Look(bold=True, kind=column.kind, fill="FFE3ECF6")
            put(page, HEADING_ROW - 1, index + 1, taken.totals[index], look)
        if column.alarm and count:
            letter = get_column_letter(index + 1)
            area = f"{letter}{FIRST_ROW}:{letter}{last_row}"
            page.conditional_formatting.add(area, alarm_rule())
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
    total_width = sum(dimension.width for dimension in page.column_dimensions.values())
    page.page_setup.fitToWidth = max(1, round(total_width / PAGE_WIDTH))
    page.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    page.print_title_cols = f"A:{get_column_letter(max(sheet.frozen_columns, 1))}"
    rows = bulk.row_xml(taken.rows, sheet.columns, styles, language, FIRST_ROW, heights)
    return f"A1:{last_column}{last_row}", rows


def set_up_page(page: Page, pack: Pack, language: Language, pages_tall: int = 0) -> None:
    """A4 landscape, fitted to the width, with header and footer."""
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = pages_tall
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
    quoted = sheet_title.replace("'", "''")
    page[cell].hyperlink = Hyperlink(ref=cell, location=f"'{quoted}'!A1", tooltip=tip or None)


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
