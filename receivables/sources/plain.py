"""Reading columns the plain way: one cast each, all columns of a frame together.

Nearly every file is written plainly. A column with a value that its cast does not fit is in doubt
and is read again, patiently, by `values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from receivables.contracts import Field
from receivables.sources.values import FINE, NOISE, How, Read, read_column

# Spaces around it, marks that spreadsheets put before text and errors, nothing.
_UNTRIMMED = r"^[\s'=#\x{feff}]|\s$|^$"
# The same for identifiers, and wide characters or a number written as a float.
_NOT_PLAIN_CODE = _UNTRIMMED + r"|[^\x00-\x7f]|^\d(\.\d+)?[eE]\+?\d+$"
_DECIMALS = {"money": 2, "quantity": 4, "points": 4, "rate": 4}
_PATTERNS = {"month": r"^20\d\d-(0[1-9]|1[0-2])$", "pay_days": r"^[1-9]\d?(;[1-9]\d?)*$"}
_READ = "read "


@dataclass(frozen=True)
class _Way:
    """The plain reading of a column and whether any of its values is in doubt."""

    value: pl.Expr
    doubt: pl.Expr


def read_columns(
    raw: Mapping[str, pl.Series], fields: Mapping[str, Field], hows: Mapping[str, How]
) -> dict[str, Read]:
    """Read columns of one length, each as the type of its field; see `values.read_column`."""
    frame = pl.DataFrame(dict(raw))
    ways = {
        name: way
        for name, dtype in frame.schema.items()
        if (way := _plain_way(name, fields[name], dtype, hows.get(name, How()))) is not None
    }
    both = frame.with_columns(way.value.alias(_READ + name) for name, way in ways.items())
    doubts = both.select(way.doubt.alias(name) for name, way in ways.items())
    sure = {name for name in ways if frame.height == 0 or not doubts[name][0]}
    return {
        name: Read(both[_READ + name].alias(name))
        if name in sure
        else read_column(column, fields[name], hows.get(name, How()))
        for name, column in raw.items()
    }


def _plain_way(name: str, field: Field, dtype: pl.DataType, how: How) -> _Way | None:
    """How to read a column plainly; None for types that have no plain way."""
    raw, read = pl.col(name), pl.col(_READ + name)
    if dtype != pl.String or how != How():
        return None
    lost = read.null_count() != raw.null_count()
    if field.type in ("text", "code"):
        pattern = _UNTRIMMED if field.type == "text" else _NOT_PLAIN_CODE
        return _Way(raw, raw.str.contains(pattern).any())
    if field.type == "choice":
        return _Way(raw, ~raw.is_in(list(field.choices)).all())
    if field.type in _PATTERNS:
        return _Way(raw, ~raw.str.contains(_PATTERNS[field.type]).all())
    if field.type == "date":
        return _Way(raw.str.to_date("%Y-%m-%d", strict=False), lost)
    if field.type == "whole":
        return _Way(raw.cast(pl.Int64, strict=False), lost)
    if field.type in _DECIMALS:
        fine = raw.cast(FINE, strict=False)
        rounded = fine.round(_DECIMALS[field.type], mode="half_away_from_zero")
        doubt = lost
        if field.type == "money":
            doubt |= ((fine - rounded).abs() > NOISE).any()
        if field.type == "rate":
            doubt |= (read >= 1).any()
        return _Way(rounded.cast(field.dtype, strict=False), doubt)
    return None
