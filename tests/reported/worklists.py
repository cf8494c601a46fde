"""Exception packs of a made day, filled in by hand and read back."""

from pathlib import Path
from typing import Any

import openpyxl

from assets.reported.packs import write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import Home
from receivables.sources import Sources
from receivables.sources.reading import read_file
from tests.reported.closed_day import DAY, POLICY, ClosedDay

HEADING_ROW = 4
NO_LAYOUTS = Sources(layouts=())
WHO = {"决定人": "林会计"}

Filling = list[dict[str, Any]]


def written_pack(folder: Path) -> Path:
    """The exception pack of a day as it left."""
    home = Home(folder)
    write_packs(ClosedDay().build(), Documents(home), Window(DAY, DAY), POLICY)
    return home.reports / str(DAY) / f"exceptions-{DAY}.xlsx"


def filled(pack: Path, to: Path, rows: Filling, sheet: str = "异常清单", then=None) -> Path:
    """The pack with cells written into its first rows, and whatever else is done to the sheet."""
    book = openpyxl.load_workbook(pack)
    page = book[sheet]
    places = {cell.value: cell.column for cell in page[HEADING_ROW]}
    for offset, cells in enumerate(rows):
        for heading, value in cells.items():
            page.cell(HEADING_ROW + 1 + offset, places[heading]).value = value
    if then is not None:
        then(book, page)
    book.save(to)
    return to


def came_back(file: Path) -> tuple[list[tuple], list[str], str | None]:
    """(subject, decision, target, amount, by) of the rows taken, why others were not, the note."""
    parsed = read_file(file, NO_LAYOUTS)
    assert parsed.layout == "worklist", parsed.message
    [part] = parsed.parts
    columns = ["subject_kind", "subject_id", "decision", "target_id", "amount", "decided_by"]
    assert set(part.accepted["decided_on"]) <= {DAY}
    return part.accepted.select(columns).rows(), part.rejected["reason"].to_list(), parsed.message
