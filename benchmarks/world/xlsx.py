"""Workbooks whose bytes depend on nothing but their cells."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.utils import column_index_from_string

STAMP = datetime(2026, 1, 1)
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    '<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created>'
    "</cp:coreProperties>"
)


@dataclass
class Sheet:
    """One sheet: cells row by row (None is an empty cell) and merged ranges such as `A1:C1`.

    A streamed sheet names no cell by its reference, as programs write that stream their rows;
    readers count the cells instead. It is less than half as large.
    """

    name: str
    rows: list[list[object]]
    merges: list[str] = field(default_factory=list)
    is_hidden: bool = False
    is_streamed: bool = False


def workbook_bytes(sheets: list[Sheet]) -> bytes:
    """Return the xlsx file of these sheets; equal sheets give equal bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for row_no, row in enumerate(sheet.rows, start=1):
            for column_no, value in enumerate(row, start=1):
                if value is None:
                    continue
                cell = page.cell(row=row_no, column=column_no, value=value)  # type: ignore[arg-type]
                if isinstance(value, str):
                    # A text that begins with "=" is data here, never a formula.
                    cell.data_type = "s"
                elif isinstance(value, date):
                    cell.number_format = "yyyy-mm-dd"
        for merged in sheet.merges:
            page.merge_cells(merged)
        if sheet.is_hidden:
            page.sheet_state = "hidden"
    raw = io.BytesIO()
    book.save(raw)
    streamed = {
        f"xl/worksheets/sheet{number}.xml"
        for number, sheet in enumerate(sheets, start=1)
        if sheet.is_streamed
    }
    return _rezip(raw.getvalue(), streamed)


def _rezip(content: bytes, streamed: set[str]) -> bytes:
    """Drop the clock (zip entry times, document properties) and the bulky default theme."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for name in sorted(source.namelist()):
            if name == "xl/theme/theme1.xml":
                continue
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _CORE.encode()
            elif name == "[Content_Types].xml":
                data = re.sub(rb'<Override PartName="/xl/theme/theme1.xml"[^>]*/>', b"", data)
            elif name == "xl/_rels/workbook.xml.rels":
                data = re.sub(rb"<Relationship [^>]*theme1.xml[^>]*/>", b"", data)
            elif name in streamed:
                data = _ROW.sub(_without_references, data.decode()).encode()
            info = zipfile.ZipInfo(name, date_time=STAMP.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            target.writestr(info, data)
    return out.getvalue()


_ROW = re.compile(r"(<row [^>]*>)(.*?)(</row>)", re.DOTALL)
_CELL = re.compile(r'<c r="([A-Z]+)\d+"((?: [a-z]+="[^"]*")*?)(/>|>.*?</c>)', re.DOTALL)


def _without_references(row: re.Match[str]) -> str:
    """The same row with its gaps written as empty cells and no cell named by reference."""
    cells: list[str] = []
    for cell in _CELL.finditer(row[2]):
        column = column_index_from_string(cell[1])
        cells += ["<c/>"] * (column - 1 - len(cells))
        cells.append(f"<c{cell[2]}{cell[3]}".replace(' t="n"', ""))
    return "<row>" + "".join(cells) + row[3]
