"""Ways through a workbook: cells that jump to the rows of another sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any
from xml.sax.saxutils import quoteattr

from openpyxl.utils import get_column_letter

from receivables.workbook.model import Language, Link, Sheet

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Ways:
    """The cells of a sheet that lead elsewhere.

    Attributes:
        columns: places of these columns, by row from 0.
        xml: what the sheet's list of hyperlinks holds of them.
    """

    columns: Mapping[int, frozenset[int]] = field(default_factory=dict)
    xml: bytes = b""


def place_of(sheet_title: str, row: int) -> str:
    """Where a row of a sheet is, as a link names it."""
    quoted = sheet_title.replace("'", "''")
    return f"'{quoted}'!A{row}"


def ways_of(
    sheet: Sheet,
    sheets: Mapping[str, tuple[Sheet, Rows]],
    first_row: int,
    language: Language,
) -> Ways:
    """The cells of a sheet that lead to rows which stand in the workbook.

    Args:
        sheet: The sheet.
        sheets: All sheets by name, with the rows that stand in the workbook.
        first_row: Where the rows of every sheet begin.
        language: The workbook's.
    """
    columns: dict[int, set[int]] = {}
    said: list[str] = []
    for link in sheet.links:
        target, there = sheets[link.sheet]
        title = target.title.say(language)
        found = _first_places(there, itemgetter(*_places(target, link)))
        column = _place(sheet, link.column)
        letter = get_column_letter(column + 1)
        rows = sheets[sheet.name][1]
        seen: set[Any] = set()
        keys = map(itemgetter(*_places(sheet, link)), rows)
        for offset, (row, key) in enumerate(zip(rows, keys, strict=True)):
            if row[column] is None or key not in found or (link.first_only and key in seen):
                continue
            seen.add(key)
            columns.setdefault(offset, set()).add(column)
            location = quoteattr(place_of(title, first_row + found[key]))
            said.append(f'<hyperlink ref="{letter}{first_row + offset}" location={location}/>')
    return Ways(
        {offset: frozenset(places) for offset, places in columns.items()}, "".join(said).encode()
    )


def _places(sheet: Sheet, link: Link) -> list[int]:
    return [_place(sheet, key) for key in link.by]


def _place(sheet: Sheet, key: str) -> int:
    return [column.key for column in sheet.columns].index(key)


def _first_places(rows: Rows, key_of: Callable[[Any], Any]) -> dict[Any, int]:
    """Where the first row of each key stands."""
    last = len(rows) - 1
    return {key: last - back for back, key in enumerate(map(key_of, reversed(rows)))}
