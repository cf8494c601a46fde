"""The sheets of a spreadsheet (xlsx, xls, xlsb, ods) as text cells.

Also a program of its own, `python spreadsheets.py FILE FOLDER`, so that a file that brings the
reader down takes nothing else along; it imports nothing of this package to start quickly.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl

INDEX = "sheets.json"
# Exit codes of the program.
DAMAGED = 3

# Floats hold 15 digits; longer whole numbers may have been rounded.
_LONG = r"^-?[0-9]{16,310}$"


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells as text: columns c0, c1, …; row i of `cells` is row i + 1 of the sheet."""

    name: str
    is_visible: bool
    cells: pl.DataFrame


def read_sheets(file: Path | bytes) -> Iterator[Sheet]:
    """All sheets in order; hidden ones without their cells.

    Of a path the ending of its name must be right, for the reader believes it.

    Raises:
        fastexcel.FastExcelError: the file is damaged.
    """
    reader = fastexcel.read_excel(file)
    for place, name in enumerate(reader.sheet_names):
        # skip_rows=0 keeps empty rows at the top, so that row numbers are the sheet's.
        sheet = reader.load_sheet(place, header_row=None, skip_rows=0, dtypes="string")
        if sheet.visible != "visible":
            yield Sheet(name, False, pl.DataFrame())
        else:
            yield Sheet(name, True, _with_rounded_marked(reader, place, _cells(sheet)))


def _cells(sheet: fastexcel.ExcelSheet) -> pl.DataFrame:
    """The sheet's cells as text; a formula's error stays visible, such as #DIV0."""
    batch, errors = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = [f"c{place}" for place in range(cells.width)]
    by_column: dict[int, list[tuple[int, str]]] = {}
    for error in errors.errors if errors else ():
        row, place = error.position
        found = re.search(r"Error\((\w+)\)", error.detail)
        shown = f"#{found[1].upper() if found else 'ERROR'}"
        by_column.setdefault(place, []).append((row, shown))
    for place, found in by_column.items():
        rows, shown = zip(*found, strict=True)
        cells = cells.with_columns(cells[:, place].scatter(rows, shown))
    return cells


def _with_rounded_marked(
    reader: fastexcel.ExcelReader, sheet: int, cells: pl.DataFrame
) -> pl.DataFrame:
    """Write long whole numbers that are floats in the file as 2.6327000000742719E+19.

    Their last digits may be lost: an identifier among them is not what the paper says. Text that
    only looks like a number is left alone: read as truth values, only numbers have one.
    """
    if not cells.width:
        return cells
    longs = cells.select(pl.all().str.contains(_LONG).any())
    suspects = [place for place, is_long in enumerate(longs.row(0)) if is_long]
    if not suspects:
        return cells
    typed = reader.load_sheet(
        sheet, header_row=None, skip_rows=0, dtypes=dict.fromkeys(suspects, "boolean")
    )
    numbers = pl.DataFrame(pl.from_arrow(typed.to_arrow_with_errors()[0]))
    return cells.with_columns(_marked(cells[:, place], numbers[:, place]) for place in suspects)


def _marked(column: pl.Series, number: pl.Series) -> pl.Series:
    is_rounded = column.str.contains(_LONG).fill_null(False) & number.is_not_null()
    rows = is_rounded.arg_true()
    return column.scatter(rows, [rounded_marked(text) for text in column.gather(rows)])


def rounded_marked(number: str) -> str:
    """A number of a spreadsheet; a whole one too long for a float with an exponent."""
    return f"{Decimal(number):.16E}" if re.fullmatch(_LONG, number) else number


def main(path: Path, folder: Path) -> int:
    """Write the sheets of a file into a folder: an index, and an Arrow file per sheet."""
    try:
        names = []
        for number, sheet in enumerate(read_sheets(path)):
            names.append((sheet.name, sheet.is_visible))
            sheet.cells.write_ipc(folder / f"{number}.arrow")
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        print(error, file=sys.stderr)
        return DAMAGED
    (folder / INDEX).write_text(json.dumps(names), encoding="utf-8")
    return 0


def written(folder: Path) -> Iterator[Sheet]:
    """The sheets that the program wrote into a folder."""
    names = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    for number, (name, is_visible) in enumerate(names):
        cells = pl.read_ipc((folder / f"{number}.arrow").read_bytes())
        yield Sheet(name, is_visible, cells)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
