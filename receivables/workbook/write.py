"""Writing a pack to a folder: the workbook, and a CSV for each sheet that is too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

from receivables.workbook.archive import Bulk, PackArchive
from receivables.workbook.charts import add_figures
from receivables.workbook.cover import Cover
from receivables.workbook.links import ways_of
from receivables.workbook.model import Language, Pack, Sheet
from receivables.workbook.tables import FIRST_ROW, Taken, add_sheet, take, too_long, write_csv


@dataclass(frozen=True)
class PackFiles:
    """What was written.

    Attributes:
        workbook: the workbook's path.
        overflow: paths of the CSV files, by sheet name.
        rows: rows by sheet name, those in a CSV included.
        totals: the sums that the sheets show, by sheet name and column key.
    """

    workbook: Path
    overflow: dict[str, Path]
    rows: dict[str, int]
    totals: dict[str, dict[str, Any]]

    @property
    def files(self) -> list[Path]:
        """Every file, the workbook first."""
        return [self.workbook, *self.overflow.values()]


def write_pack(
    pack: Pack, folder: Path, stem: str, *, language: Language, max_sheet_rows: int
) -> PackFiles:
    """Write `<folder>/<stem>.xlsx`; the same figures always give the same bytes.

    A sheet of more than `max_sheet_rows` rows is written to `<stem>-<sheet name>.csv`, and the
    cover and the sheet say so.

    Raises:
        TypeError: a value does not have its column's type, such as a float for money.
    """
    book: Any = Workbook()
    book.properties = _properties(pack, language)
    for name, value in (("as_of", pack.as_of.isoformat()), ("policy", pack.policy_version)):
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    cover = Cover(book, pack, language)
    taken: dict[str, Taken] = {
        sheet.name: take(sheet, max_sheet_rows, folder / f"{stem}-{sheet.name}.csv")
        for sheet in pack.sheets
    }
    there = {sheet.name: (sheet, taken[sheet.name].rows) for sheet in pack.sheets}
    bulk: dict[str, Bulk] = {}
    for sheet in pack.sheets:
        ways = ways_of(sheet, there, FIRST_ROW, language)
        place = len(book.sheetnames) + 1
        bulk[f"xl/worksheets/sheet{place}.xml"] = add_sheet(
            book, pack, sheet, taken[sheet.name], ways, language
        )
    figures = add_figures(book, pack, language)
    cover.write(
        [
            (
                sheet.title.say(language),
                too_long(sheet, taken[sheet.name], language) or sheet.note.say(language),
                taken[sheet.name],
            )
            for sheet in pack.sheets
        ],
        figures,
    )
    path = folder / f"{stem}.xlsx"
    ExcelWriter(book, PackArchive(path, _stamp(pack), bulk)).save()
    overflow = {name: rows.overflow for name, rows in taken.items() if rows.overflow}
    return PackFiles(
        path,
        overflow,
        rows={name: rows.count for name, rows in taken.items()},
        totals={sheet.name: _totals(sheet, taken[sheet.name]) for sheet in pack.sheets},
    )


def write_rows(sheet: Sheet, path: Path) -> int:
    """Write a sheet's rows as CSV, for systems that take no workbook; returns how many."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        return write_csv(file, sheet.columns, sheet.rows)


def _totals(sheet: Sheet, taken: Taken) -> dict[str, Any]:
    sums = zip(sheet.columns, taken.totals, strict=True)
    return {column.key: total for column, total in sums if column.total}


def _stamp(pack: Pack) -> datetime:
    """The time on everything in a pack: the day it speaks of, so that bytes do not drift."""
    return datetime.combine(pack.as_of, time())


def _properties(pack: Pack, language: Language) -> DocumentProperties:
    return DocumentProperties(
        creator=pack.company or "Sidan",
        title=f"{pack.title.say(language)} {pack.as_of.isoformat()}",
        subject=f"as of {pack.as_of.isoformat()}",
        keywords=f"as-of={pack.as_of.isoformat()}; policy={pack.policy_version}",
        created=_stamp(pack),
        modified=_stamp(pack),
    )
