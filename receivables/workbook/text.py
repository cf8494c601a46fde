"""Text and numbers as a cell can hold them, and how wide they are when shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from receivables.workbook.model import Kind

LONGEST_CELL = 32_767  # UTF-16 units; Excel refuses a workbook with a longer text
EXACT_DIGITS = 15  # a spreadsheet number holds no more significant digits

# Excel and its relatives start a formula with these, full-width forms included.
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNCLEAN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\r")
_ESCAPE_LOOKALIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_SERIAL_DAY = date(1900, 3, 1)  # before it Excel's calendar has a day too many


def clean(text: str) -> str:
    """The text with characters that no workbook can hold shown as U+FFFD; line ends are LF.

    A text longer than a cell can hold ends in an ellipsis.
    """
    text = _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > LONGEST_CELL and len(text.encode("utf-16-le")) > LONGEST_CELL * 2:
        kept = text.encode("utf-16-le")[: (LONGEST_CELL - 1) * 2]
        text = kept.decode("utf-16-le", "ignore") + "…"
    return text


def plain(text: str) -> str:
    """The text for a CSV: cleaned, and led by an apostrophe where it would become a formula."""
    if text[:1] in _FORMULA_STARTS:
        return "'" + clean(text)
    return clean(text) if _UNCLEAN.search(text) else text


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula if it were typed in."""
    return text[:1] in _FORMULA_STARTS


def xml_text(text: str) -> str:
    """A cleaned text as element content; `_x0041_` is kept from being read as an escape."""
    return escape(_ESCAPE_LOOKALIKE.sub("_x005F_", text))


def width_of(text: str) -> int:
    """Columns that a text takes on its widest line; Chinese characters take two."""
    if "\n" in text:
        return max(width_of(line) for line in text.split("\n"))
    if text.isascii():
        return len(text)
    return sum(map(_width_of_sign, text))


@lru_cache(maxsize=50_000)  # as many signs as a text in Chinese is made of
def _width_of_sign(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WFA" else 1


def serial(day: date) -> int | None:
    """A day as the number a workbook stores; None before March 1900, where Excel's is wrong."""
    return None if day < _FIRST_SERIAL_DAY else day.toordinal() - _EPOCH


def number(value: Decimal | int) -> str | None:
    """A number's digits as stored, or None when a workbook could not hold them all.

    Raises:
        TypeError: the value is a float or not a number; money is never a float.
    """
    if type(value) is int:
        return str(value) if abs(value) < 10**EXACT_DIGITS else None
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is {type(value).__name__}; a number cell takes Decimal or int")
    if not value.is_finite():
        raise TypeError(f"{value!r} is no amount")
    text = format(value, "f")
    if len(text) > EXACT_DIGITS + 1 and len(value.normalize().as_tuple().digits) > EXACT_DIGITS:
        return None
    return text


def shown(value: Any, kind: Kind) -> str:
    """A value as people see it, for widths and for plain text."""
    if value is None:
        return ""
    form = _SHOWN.get(kind)
    return form(value) if form and not isinstance(value, str) else str(value)


_SHOWN: dict[Kind, Callable[[Any], str]] = {
    Kind.MONEY: lambda value: f"{value:,.2f}",
    Kind.QUANTITY: lambda value: f"{value:,.4f}",
    Kind.PERCENT: lambda value: f"{value:.1%}",
    Kind.SCORE: lambda value: f"{value:,.1f}",
    Kind.COUNT: lambda value: f"{value:,}",
    Kind.DAY: lambda value: value.isoformat(),
}
