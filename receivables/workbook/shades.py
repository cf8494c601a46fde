"""Shades that follow a cell's value, so that they stay right when somebody edits or sorts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from receivables.workbook.model import Column, Language, Tone
from receivables.workbook.styles import BAD, BAD_FILL, GOOD, GOOD_FILL, Page

_INK = {Tone.GOOD: GOOD, Tone.FAIR: "FF5B6B1E", Tone.POOR: "FF9A5B00", Tone.BAD: BAD}
_PAPER = {Tone.GOOD: GOOD_FILL, Tone.FAIR: "FFF3F6DC", Tone.POOR: "FFFDF0D5", Tone.BAD: BAD_FILL}


def shade(
    page: Page, columns: Sequence[Column], first_row: int, last_row: int, language: Language
) -> None:
    """Give the columns of a sheet the rules by which their cells are shaded."""
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        for rule in _rules(column, language):
            page.conditional_formatting.add(f"{letter}{first_row}:{letter}{last_row}", rule)


def _rules(column: Column, language: Language) -> list[Any]:
    rules = []
    if column.alarm:
        rules.append(CellIsRule("greaterThan", ["0"], font=Font(color=BAD)))
    if column.shade:
        rules.append(CellIsRule("greaterThan", ["0"], fill=_filled("FF" + column.shade)))
    for code, tone in (column.tones or {}).items():
        label = (column.codes or {}).get(code)
        said = (label.say(language) if label else code).replace('"', '""')
        font = Font(color=_INK[tone], bold=tone is Tone.BAD)
        rules.append(CellIsRule("equal", [f'"{said}"'], font=font, fill=_filled(_PAPER[tone])))
    return rules


def _filled(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)
