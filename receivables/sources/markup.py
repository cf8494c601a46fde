"""Tables in markup as books: web pages that are named .xls, and SpreadsheetML 2003."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from selectolax.lexbor import LexborHTMLParser, LexborNode

from receivables.policy import Intake
from receivables.sources.grids import Book, checked_size, grid_of, unsaved
from receivables.sources.parsed import UnreadableError
from receivables.sources.safe_xml import local, parse_xml, text_of
from receivables.sources.sniff import decode
from receivables.spreadsheets import rounded_marked

_CELLS = ("td", "th")
_SPACES = str.maketrans({"\xa0": " "})


def read_html(data: bytes, limits: Intake) -> Book:
    """The tables of a web page, one grid below the other, as one sheet.

    A cell over several columns or rows has its text in the first of them; the others are empty.

    Raises:
        UnreadableError: it has no table, or is over a limit.
    """
    page = LexborHTMLParser(decode(data))
    found = page.css("table")
    holders = {holder.mem_id for table in found if (holder := _holder(table))}
    tables = [table for table in found if table.mem_id not in holders]
    rows = [row for table in tables for row in _rows(table, limits)]
    if not any(any(row) for row in rows):
        raise UnreadableError(
            "The web page has no table with anything in it; it may be a page that asks to log in. "
            "Download the file again."
        )
    checked_size(len(rows), max(map(len, rows)), limits)
    return Book((grid_of(None, rows),))


def _holder(table: LexborNode) -> LexborNode | None:
    """The table around a table; such a one only lays out others."""
    around = table.parent
    while around is not None and around.tag != "table":
        around = around.parent
    return around


def _rows(table: LexborNode, limits: Intake) -> Iterator[list[str | None]]:
    reaching: dict[int, int] = {}  # by column, for how many more rows a cell reaches down
    for line in table.css("tr"):
        row: list[str | None] = []
        cell = line.first_child
        while cell is not None:
            if cell.tag in _CELLS:
                _put(row, cell, reaching, limits)
            cell = cell.next
        while reaching and len(row) <= max(reaching):
            if not _skip_reaching(row, reaching):
                row.append(None)
        yield row


def _put(row: list[str | None], cell: LexborNode, reaching: dict[int, int], limits: Intake) -> None:
    while _skip_reaching(row, reaching):
        pass
    text = cell.text().translate(_SPACES).strip() or None
    spans = cell.attributes
    if not spans:
        row.append(text)
        return
    columns = _span(spans.get("colspan"), limits.max_columns)
    rows = _span(spans.get("rowspan"), limits.max_rows)
    if rows > 1:
        reaching |= dict.fromkeys(range(len(row), len(row) + columns), rows - 1)
    row += [text, *[None] * (columns - 1)]


def _span(written: str | None, limit: int) -> int:
    """How many columns or rows a cell reaches over; nonsense counts as one."""
    number = int(written) if written and written.isascii() and written.isdigit() else 1
    return min(max(number, 1), limit)


def _skip_reaching(row: list[str | None], reaching: dict[int, int]) -> bool:
    """Leave a place empty that a cell from above reaches into; whether it does."""
    place = len(row)
    if place not in reaching:
        return False
    row.append(None)
    reaching[place] -= 1
    if not reaching[place]:
        del reaching[place]
    return True


def read_spreadsheetml(data: bytes, limits: Intake) -> Book:
    """The visible sheets of an Excel 2003 XML workbook.

    Raises:
        UnreadableError: it is damaged, unsafe, empty or over a limit.
    """
    grids, hidden = [], []
    for sheet in parse_xml(data):
        if local(sheet) != "Worksheet":
            continue
        name = _attribute(sheet, "Name") or ""
        if any(
            local(e) == "Visible" and (text_of(e) or "").startswith("Sheet")
            for e in _options(sheet)
        ):
            hidden.append(name)
            continue
        rows = [row for part in sheet if local(part) == "Table" for row in _xml_rows(part, limits)]
        checked_size(len(rows), max(map(len, rows), default=0), limits, name)
        if any(any(row) for row in rows):
            grids.append(grid_of(name, rows))
    if not grids:
        raise UnreadableError("The workbook has no sheet with anything in it.")
    return Book(tuple(grids), tuple(hidden))


def _options(sheet: Element) -> Iterator[Element]:
    for part in sheet:
        if local(part) == "WorksheetOptions":
            yield from part


def _xml_rows(table: Element, limits: Intake) -> Iterator[list[str | None]]:
    place = 0
    for line in table:
        if local(line) != "Row":
            continue
        start = _number(line, "Index", place + 1) - 1
        for _ in range(place, min(start, limits.max_rows + 1)):
            yield []
        yield _xml_row(line, limits)
        place = max(start, place) + 1 + _number(line, "Span", 0)
        for _ in range(min(_number(line, "Span", 0), limits.max_rows + 1)):
            yield []


def _xml_row(line: Element, limits: Intake) -> list[str | None]:
    row: list[str | None] = []
    for cell in line:
        if local(cell) != "Cell":
            continue
        start = min(_number(cell, "Index", len(row) + 1) - 1, limits.max_columns + 1)
        across = min(_number(cell, "MergeAcross", 0), limits.max_columns + 1)
        row += [None] * (start - len(row))
        row += [_xml_value(cell), *[None] * across]
    return row


def _xml_value(cell: Element) -> str | None:
    content = next((part for part in cell if local(part) == "Data"), None)
    text = text_of(content) if content is not None else None
    formula = _attribute(cell, "Formula")
    if text is None:
        return unsaved(formula) if formula else None
    if content is not None and _attribute(content, "Type") == "Number":
        return rounded_marked(text)
    return text


def _attribute(element: Element, name: str) -> str | None:
    return next((v for key, v in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _number(element: Element, name: str, default: int) -> int:
    written = _attribute(element, name)
    return int(written) if written and written.isascii() and written.isdigit() else default
