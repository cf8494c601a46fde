"""Workbooks whose bytes depend on nothing but their cells."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

from openpyxl import Workbook

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
    """One sheet: cells row by row (None is an empty cell) and merged ranges such as `A1:C1`."""

    name: str
    rows: list[list[object]]
    merges: list[str] = field(default_factory=list)
    is_hidden: bool = False


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
    return _rezip(raw.getvalue())


def _rezip(content: bytes) -> bytes:
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
            info = zipfile.ZipInfo(name, date_time=STAMP.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            target.writestr(info, data)
    return out.getvalue()
