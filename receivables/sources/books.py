"""Any file that is no Parquet as a book of grids."""

from __future__ import annotations

from pathlib import Path

from receivables.policy import LIMITS, Intake
from receivables.sources.einvoice import read_einvoice
from receivables.sources.grids import Book, read_text_grid
from receivables.sources.markup import read_html, read_spreadsheetml
from receivables.sources.ofd import read_ofd
from receivables.sources.sniff import Format
from receivables.sources.workbooks import read_workbook


def read_book(path: Path, form: Format, limits: Intake = LIMITS) -> Book:
    """The grids of a file of a known form.

    Raises:
        UnreadableError: the file is damaged, unsafe, empty or over a limit.
    """
    match form:
        case "xlsx" | "xlsb" | "xls" | "ods":
            return read_workbook(path, form, limits)
        case "spreadsheetml":
            return read_spreadsheetml(path.read_bytes(), limits)
        case "html":
            return read_html(path.read_bytes(), limits)
        case "einvoice":
            return read_einvoice(path.read_bytes())
        case "ofd":
            return read_ofd(path, limits)
        case "text":
            return Book((read_text_grid(path.read_bytes(), limits),))
        case "parquet" | "zip":
            raise ValueError(f"a {form} file is no book")
