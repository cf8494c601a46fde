"""How fast files are read, beside the bare reader of the same file in the same run.

`python -m benchmarks.reading [--rows N]` prints a Markdown table. Each figure is the best of
three, in CPU seconds and in rows per CPU second; the files are statements of one chain as a portal
would export them. Where a file is read in a process of its own, its seconds count. xls and ods need
LibreOffice to be written and are left out without it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl
from openpyxl import Workbook
from selectolax.lexbor import LexborHTMLParser

from receivables.contracts import KINDS
from receivables.home import REPOSITORY
from receivables.sources import Sources, read_file

KIND = "statements"
TIMES = 3
# An .xls has no more rows, and writing an .ods takes minutes beyond.
MAX_CONVERTED_ROWS = 65_000


@dataclass(frozen=True)
class Form:
    """A form of file: how it is written, and what reads it without understanding it."""

    name: str
    ending: str
    write: Callable[[pl.DataFrame, Path], None]
    bare: Callable[[Path], object]
    max_rows: int | None = None
    is_converted: bool = False  # needs an office program to be written


@dataclass(frozen=True)
class Figure:
    """CPU seconds for one form: read as Sidan does, and bare."""

    form: str
    rows: int
    seconds: float
    bare: float

    @property
    def line(self) -> str:
        """The row of the Markdown table."""
        speed, bare = self.rows / self.seconds, self.rows / self.bare
        return (
            f"| {self.form} | {self.rows:,} | {speed:,.0f} | {bare:,.0f} | {self.seconds:.2f} | "
            f"{self.bare:.2f} | {self.seconds / self.bare:.1f} |"
        )


def statement(rows: int) -> pl.DataFrame:
    """Statement lines with the canonical labels, as text as a portal shows them."""
    number = pl.int_range(0, rows)
    day = pl.lit(date(2026, 8, 1)) + pl.duration(days=number % 31)
    amount = (number * 7919 % 2_000_000 - 200_000).cast(pl.Decimal(18, 2)) / 100
    labels = {name: field.headings[1] for name, field in KINDS[KIND].fields.items()}
    values: dict[str, pl.Expr] = {
        "chain_id": pl.lit("LZ"),
        "statement_no": pl.format("JS{}", 26_080_000 + number // 500),
        "line_no": (number % 500 + 1).cast(pl.String),
        "line_kind": pl.lit("receipt"),
        "party_code": pl.lit("V00123"),
        "period_start": pl.lit("2026-08-01"),
        "period_end": pl.lit("2026-08-31"),
        "store_code": (5_000 + number % 180).cast(pl.String),
        "receipt_no": pl.format("YS{}", 1_000_000 + number),
        "order_no": pl.format("PO-{}", 100_000 + number // 3),
        "document_date": day.cast(pl.String),
        "amount": amount.cast(pl.Decimal(18, 2)).cast(pl.String),
    }
    return pl.select([value.alias(labels[name]) for name, value in values.items()])


def write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    """Texts as texts, amounts and dates as a spreadsheet has them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("结算单")
    sheet.append(frame.columns)
    typed = frame.with_columns(
        pl.col(frame.columns[-1]).cast(pl.Float64), pl.col(frame.columns[-2]).str.to_date()
    )
    for row in typed.iter_rows():
        sheet.append(row)
    book.save(path)


def converted(ending: str) -> Callable[[pl.DataFrame, Path], None]:
    """Written by an office program from the workbook."""

    def write(frame: pl.DataFrame, path: Path) -> None:
        source = path.with_name(f"{KIND}_source.xlsx")
        write_xlsx(frame, source)
        command = ["soffice", "--headless", "--convert-to", ending, "--outdir", str(path.parent)]
        subprocess.run([*command, str(source)], check=True, capture_output=True)
        source.with_suffix(f".{ending}").rename(path)
        source.unlink()

    return write


def write_text(encoding: str) -> Callable[[pl.DataFrame, Path], None]:
    """Comma-separated text."""

    def write(frame: pl.DataFrame, path: Path) -> None:
        path.write_bytes(frame.write_csv().encode(encoding))

    return write


def write_html(frame: pl.DataFrame, path: Path) -> None:
    """A web page with one table, as portals name .xls."""
    cells = [pl.format("<td class=xl>{}</td>", pl.col(name)) for name in frame.columns]
    rows = frame.select(pl.concat_str(pl.lit("<tr>"), *cells, pl.lit("</tr>")))
    head = "".join(f"<th>{name}</th>" for name in frame.columns)
    body = "\n".join(rows.to_series())
    page = f"<html><meta charset=gbk><table border=1><tr>{head}</tr>\n{body}\n</table></html>"
    path.write_bytes(page.encode("gbk"))


def bare_workbook(path: Path) -> object:
    """The spreadsheet reader alone: every cell as text."""
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    return pl.from_arrow(sheet.to_arrow())


def bare_html(path: Path) -> object:
    """The parser of web pages alone, and a walk over its cells."""
    page = LexborHTMLParser(path.read_bytes().decode("gbk"))
    return [[cell.text() for cell in row.css("td")] for row in page.css("tr")]


FORMS = (
    Form("xlsx", "xlsx", write_xlsx, bare_workbook),
    Form("xls", "xls", converted("xls"), bare_workbook, MAX_CONVERTED_ROWS, True),
    Form("ods", "ods", converted("ods"), bare_workbook, MAX_CONVERTED_ROWS, True),
    Form("csv utf-8", "csv", write_text("utf-8"), lambda p: pl.read_csv(p, infer_schema=False)),
    Form(
        "csv gbk",
        "csv",
        write_text("gbk"),
        lambda p: pl.read_csv(p.read_bytes().decode("gbk").encode(), infer_schema=False),
    ),
    Form("parquet", "parquet", pl.DataFrame.write_parquet, pl.read_parquet),
    Form("html", "xls", write_html, bare_html),
)


def measured(form: Form, rows: int, folder: Path) -> Figure:
    """Write a file of a form and read it both ways in turn.

    Raises:
        AssertionError: not every row was understood.
    """
    rows = min(rows, form.max_rows or rows)
    frame = statement(rows)
    path = folder / f"{KIND}_{form.name.replace(' ', '_')}.{form.ending}"
    form.write(frame, path)
    sources = Sources.read(REPOSITORY / "config" / "sources")
    seconds, bare = [], []
    for _ in range(TIMES):
        bare.append(_timed(lambda: form.bare(path)))
        seconds.append(_timed(lambda: read_file(path, sources)))
    (part,) = read_file(path, sources).parts
    expected = frame.select(pl.col(frame.columns[-1]).cast(pl.Decimal(38, 2)).sum()).item()
    assert (part.accepted.height, part.amount_in) == (rows, Decimal(expected)), form.name
    path.unlink()
    return Figure(form.name, rows, min(seconds), min(bare))


def _timed(work: Callable[[], object]) -> float:
    """CPU seconds of this process and its children, which a busy machine does not lengthen."""
    before = time.process_time() + sum(os.times()[2:4])
    work()
    return time.process_time() + sum(os.times()[2:4]) - before


HEADINGS = (
    "| form | rows | rows/s | bare rows/s | CPU s | bare CPU s | ratio |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def main() -> None:
    """Measure every form and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--forms", nargs="*", default=[form.name for form in FORMS])
    asked = parser.parse_args()
    print("\n".join(HEADINGS), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            if form.is_converted and not shutil.which("soffice"):
                continue
            if form.name in asked.forms:
                print(measured(form, asked.rows, Path(folder)).line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
