"""Turning what files say into typed values, a whole column at a time.

Every reader takes a column as sent (text, or what a typed file holds) and returns the typed
column with a mask of the values that could not be read. Empty is never unreadable: it is null.
The common case is one cast; only the values that it leaves over are looked at more closely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

import polars as pl

from receivables.contracts import Field
from receivables.sources.grids import UNSAVED

DateOrder: TypeAlias = Literal["ymd", "dmy", "mdy"]

# Enough digits behind the point to tell float noise (325.00000000000006) from a third decimal.
FINE = pl.Decimal(38, 10)
NOISE = Decimal("0.000001")
# No column holds larger figures; larger ones are not reckoned with, as products would not fit.
BEYOND = Decimal(10) ** 16

# Full-width forms lie a fixed distance above ASCII; the ideographic space is apart.
_FULL = [*map(chr, range(0xFF01, 0xFF5F)), "\u3000"]
_HALF = [*map(chr, range(0x21, 0x7F)), " "]

# What stands in a cell whose formula has no value: an error, or the formula itself.
_NO_VALUE = r"^#(?:DIV0|NA|NAME|NULL|NUM|REF|VALUE|DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)$|" + (
    re.escape(UNSAVED) + "$"
)

_EXCEL_DAY_0 = "1899-12-30"
_TRUE = ("true", "yes", "y", "1", "t", "是", "真", "有")
_FALSE = ("false", "no", "n", "0", "f", "否", "假", "无", "没有")
_UNTAXED = ("免税", "不征税", "零税率", "出口零税率")


@dataclass(frozen=True)
class Read:
    """A typed column and, if some values could not be read, the mask of those."""

    values: pl.Series
    unreadable: pl.Series | None = None


@dataclass(frozen=True)
class How:
    """How a column is to be read: the order of dates, a factor for numbers, rounding."""

    date_order: DateOrder = "ymd"
    times: Decimal = Decimal(1)
    round: bool = False


def read_column(raw: pl.Series, field: Field, how: How = How()) -> Read:
    """Read a column as the type of a field; the result has the field's polars type.

    A null column of any type reads as nulls.
    """
    if raw.dtype == field.dtype and field.type in _READY_WHEN_TYPED and how.times == 1:
        return Read(raw)
    if raw.null_count() == len(raw):
        return Read(pl.Series(raw.name, [None], dtype=field.dtype).new_from_index(0, len(raw)))
    if field.type == "date":
        return _read_date(raw, how.date_order)
    if field.type == "choice":
        return _read_choice(raw, field.choices)
    if field.type == "money":
        return _rounded(scaled(fine_decimals(raw), how.times), 2, field.dtype, exact=not how.round)
    if field.type == "quantity":
        # Unit prices of tax exports carry up to 13 decimals; four are kept.
        return _rounded(scaled(fine_decimals(raw), how.times), 4, field.dtype, exact=False)
    return _READERS[field.type](raw)


def clean(raw: pl.Series) -> pl.Series:
    """Text without spaces around it; empty text is null; spreadsheet text marks are taken off."""
    text = as_text(raw)
    if not _needs(text, r"^[\s'=\x{feff}]|\s$|^$"):
        return text
    text = text.str.strip_chars().str.strip_chars_start("\ufeff")
    # ="00123" and '00123 keep a spreadsheet from turning text into a number.
    text = text.str.replace(r'^="(.*)"$', "$1").str.strip_prefix("'")
    return _without(text, text == "")


def as_text(raw: pl.Series) -> pl.Series:
    """Any column as text, whole floats without their point."""
    if raw.dtype == pl.String:
        return raw
    if raw.dtype.is_float():
        return raw.cast(pl.String).str.strip_suffix(".0")
    return raw.cast(pl.String)


def half_width(text: pl.Series) -> pl.Series:
    """Full-width digits, letters and signs as their usual forms."""
    if not _needs(text, r"[^\x00-\x7f]"):
        return text
    return text.str.replace_many(_FULL, _HALF)


def _needs(text: pl.Series, pattern: str) -> bool:
    return bool(text.str.contains(pattern).any())


def _missing(raw: pl.Series, values: pl.Series) -> Read:
    """Unreadable is what was there and is not any more."""
    if values.null_count() == raw.null_count():
        return Read(values)
    return Read(values, raw.is_not_null() & values.is_null())


def _read_text(raw: pl.Series) -> Read:
    text = clean(raw)
    if not _needs(text, _NO_VALUE):
        return Read(text)
    lost = text.str.contains(_NO_VALUE).fill_null(False)
    return Read(_without(text, lost), lost)


def _read_code(raw: pl.Series) -> Read:
    text = half_width(clean(raw))
    # 2.6327E+19: a spreadsheet made the number a float and its digits are lost.
    wrong = r"^\d(\.\d+)?[eE]\+?\d+$|" + _NO_VALUE
    if not _needs(text, wrong):
        return Read(text)
    lost = text.str.contains(wrong).fill_null(False)
    return Read(_without(text, lost), lost)


def fine_decimals(raw: pl.Series) -> Read:
    """Numbers with ten decimals, however they are written."""
    if raw.dtype.is_numeric():
        return _missing(raw, raw.cast(FINE, strict=False))
    text = raw if raw.dtype == pl.String else raw.cast(pl.String)
    values = text.cast(FINE, strict=False)
    if values.null_count() == text.null_count():
        return Read(values)
    text = clean(text)
    left = values.is_null() & text.is_not_null()
    if left.any():
        closer = _plain_number(text.filter(left)).cast(FINE, strict=False)
        values = _fill(values, left, closer)
    return _missing(text, values)


def _plain_number(text: pl.Series) -> pl.Series:
    """Thousands commas, currency signs, brackets and trailing minus resolved."""
    plain = (
        half_width(text)
        .str.replace_all(r"(?i)[\s,¥￥$元圆]|RMB|CNY|人民币|'", "")
        .str.replace_all("[−–—﹣]", "-")
        .str.replace(r"^\((.*)\)$", "-$1")
        .str.replace(r"^([^-].*)-$", "-$1")
    )
    return plain.set(plain.is_in(["-", ""]), "0")


def _without(values: pl.Series, where: pl.Series) -> pl.Series:
    """Null where the mask is true."""
    if not where.any():
        return values
    return values.zip_with(~where.fill_null(False), pl.Series([None], dtype=values.dtype))


def _fill(values: pl.Series, where: pl.Series, found: pl.Series) -> pl.Series:
    """Put `found`, in order, where the mask is true."""
    return values.scatter(where.arg_true(), found)


def _rounded(fine: Read, decimals: int, dtype: pl.DataType, *, exact: bool) -> Read:
    rounded = fine.values.round(decimals, mode="half_away_from_zero")
    values = rounded.cast(dtype, strict=False)
    if exact:
        off = pl.select((pl.lit(fine.values) - rounded).abs() > pl.lit(NOISE)).to_series()
        values = _without(values, off)
    unread = fine.values.is_not_null() & values.is_null()
    if fine.unreadable is not None:
        unread = unread | fine.unreadable
    return Read(values, unread if unread.any() else None)


def scaled(fine: Read, times: Decimal) -> Read:
    """Numbers multiplied; one that is too large for any column is unreadable."""
    if times == 1:
        return fine
    values = within_measure(fine.values)
    products = values.to_frame("x").select((pl.col("x") * pl.lit(times)).cast(FINE))["x"]
    if values.null_count() == fine.values.null_count():
        return Read(products, fine.unreadable)
    lost = fine.values.is_not_null() & values.is_null()
    return Read(products, lost if fine.unreadable is None else lost | fine.unreadable)


def within_measure(figures: pl.Series) -> pl.Series:
    """Figures, those null that are too large for any column."""
    column = pl.col("x")
    return figures.to_frame("x").select(pl.when(column.abs() < BEYOND).then(column))["x"]


def _read_points(raw: pl.Series) -> Read:
    if raw.dtype == pl.String:
        raw = half_width(clean(raw)).str.strip_suffix("%")
    return _rounded(fine_decimals(raw), 4, pl.Decimal(18, 4), exact=False)


def _read_rate(raw: pl.Series) -> Read:
    """Shares: 13% and 13 are 0.13; no tax rate is 100 % or more, so 1 is one percent."""
    if raw.dtype != pl.String:
        fine = fine_decimals(raw)
        whole = fine.values >= 1
        return _rounded(_hundredth(fine, whole), 4, pl.Decimal(18, 4), exact=False)
    text = half_width(clean(raw))
    text = _without(text, text.str.contains(r"^\*+$"))  # several rates
    text = text.set(text.is_in(_UNTAXED), "0")
    is_percent = text.str.ends_with("%")
    fine = fine_decimals(text.str.strip_suffix("%"))
    return _rounded(
        _hundredth(fine, is_percent | (fine.values >= 1)), 4, pl.Decimal(18, 4), exact=False
    )


def _hundredth(fine: Read, where: pl.Series) -> Read:
    frame = pl.DataFrame({"value": fine.values, "where": where.fill_null(False)})
    hundredth = (pl.col("value") / 100).cast(FINE)
    values = frame.select(pl.when("where").then(hundredth).otherwise("value"))["value"]
    return Read(values, fine.unreadable)


def _read_whole(raw: pl.Series) -> Read:
    if raw.dtype.is_integer():
        return _missing(raw, raw.cast(pl.Int64, strict=False))
    fine = fine_decimals(raw)
    values = fine.values.cast(pl.Int64, strict=False)
    fraction = (values.cast(FINE) != fine.values).fill_null(False)
    values = _without(values, fraction)
    unread = fine.values.is_not_null() & values.is_null()
    if fine.unreadable is not None:
        unread = unread | fine.unreadable
    return Read(values, unread if unread.any() else None)


def _read_flag(raw: pl.Series) -> Read:
    text = clean(raw).str.to_lowercase()
    known = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
    return _missing(text, text.replace_strict(known, default=None, return_dtype=pl.Boolean))


def _read_choice(raw: pl.Series, choices: Mapping[str, tuple[str, ...]]) -> Read:
    text = clean(raw)
    if text.is_in([*choices, None], nulls_equal=True).all():
        return Read(text)
    known = {word: code for code, words in choices.items() for word in (code, *words)}
    lower = text.str.to_lowercase()
    return _missing(text, lower.replace_strict(known, default=None, return_dtype=pl.String))


def _read_date(raw: pl.Series, order: DateOrder) -> Read:
    if raw.dtype == pl.Datetime:
        return Read(raw.dt.date())
    if raw.dtype.is_numeric():
        raw = as_text(raw)
    text = raw if raw.dtype == pl.String else raw.cast(pl.String)
    values = text.str.to_date("%Y-%m-%d", strict=False)
    if values.null_count() == text.null_count():
        return Read(values)
    text = clean(text)
    left = values.is_null() & text.is_not_null()
    if left.any():
        values = _fill(values, left, _closer_dates(text.filter(left), order))
    return _missing(text, values)


def _closer_dates(text: pl.Series, order: DateOrder) -> pl.Series:
    """Dates in every form but the plain one; the distinct texts are few, so only they are read."""
    distinct = pl.DataFrame({"text": text}).unique()
    plain = half_width(distinct["text"])
    year_first = r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    compact = r"^(\d{4})(\d{2})(\d{2})"
    clock = r"(?:[T\s]*\d{1,2}[:：时]\d{1,2}.*|\s*\d{6})?$"
    candidates = [
        _joined(plain, year_first + clock, (1, 2, 3)),
        _joined(plain, compact + clock, (1, 2, 3)),
    ]
    if order != "ymd":
        day, month = (1, 2) if order == "dmy" else (2, 1)
        year_last = r"^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})"
        candidates.append(_joined(plain, year_last + clock, (3, month, day)))
    serial = plain.str.extract(r"^(\d{5})(?:\.\d+)?$").cast(pl.Int32, strict=False)
    serial = _without(serial, serial < 36526)  # 2000-01-01
    from_serial = pl.select(
        pl.lit(_EXCEL_DAY_0).str.to_date() + pl.duration(days=pl.lit(serial))
    ).to_series()
    read = distinct.with_columns(date=pl.coalesce(*candidates, from_serial))
    return pl.DataFrame({"text": text}).join(read, on="text", how="left", maintain_order="left")[
        "date"
    ]


def _joined(text: pl.Series, pattern: str, year_month_day: tuple[int, int, int]) -> pl.Series:
    parts = [text.str.extract(pattern, group) for group in year_month_day]
    return (parts[0] + "-" + parts[1] + "-" + parts[2]).str.to_date("%Y-%m-%d", strict=False)


def _read_month(raw: pl.Series) -> Read:
    text = half_width(clean(raw.cast(pl.String)))
    pattern = (
        r"^(20\d{2})\s*[-/.年]?\s*(0[1-9]|1[0-2]|[1-9])(?:月|(?:[-/.月]\d{1,2}日?(?:\s.*)?))?$"
    )
    month = text.str.extract(pattern, 1) + "-" + text.str.extract(pattern, 2).str.zfill(2)
    return _missing(text, month)


def _read_pay_days(raw: pl.Series) -> Read:
    text = half_width(clean(raw)).str.replace_all(r"每月|日|号", "")
    days = (
        text.str.replace_all(r"[;,、/和及\s]+", ";")
        .str.strip_chars(";")
        .str.replace_all(r"(^|;)0+([1-9])", "$1$2")
    )
    days = _without(days, ~days.str.contains(r"^\d{1,2}(;\d{1,2})*$"))
    return _missing(text, days)


_READERS: Mapping[str, Callable[[pl.Series], Read]] = {
    "text": _read_text,
    "code": _read_code,
    "rate": _read_rate,
    "points": _read_points,
    "whole": _read_whole,
    "flag": _read_flag,
    "month": _read_month,
    "pay_days": _read_pay_days,
}
# A typed file has done the reading for these; text types still want their spaces trimmed.
_READY_WHEN_TYPED = frozenset({"money", "quantity", "rate", "points", "date", "whole", "flag"})
