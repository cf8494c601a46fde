"""Building blocks of a contract: typed columns that know their Chinese label and their meaning."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import dataframely as dy
import polars as pl

FieldType: TypeAlias = Literal[
    "text",  # words, kept as written but for the spaces around them
    "code",  # an identifier: letters and digits, leading zeros kept
    "money",  # CNY, two decimals
    "quantity",  # goods, unit prices and areas, four decimals
    "rate",  # a share of one: 0.13 and 13% both read 0.13
    "points",  # an amount or percent points: 3 and 3% both read 3
    "date",
    "month",  # YYYY-MM
    "whole",  # a whole number
    "flag",  # yes or no
    "choice",  # one of a few codes
    "pay_days",  # days of the month: 10;25
]

# More than a trillion is no supplier's figure, and sums of such figures would leave decimal(18,2).
LARGEST = decimal.Decimal(10) ** 12
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)


@dataclass(frozen=True)
class Field:
    """One field of a kind as people see it.

    `choices` maps each allowed code to its Chinese words, the first of which is its label.
    """

    name: str
    label: str
    also: tuple[str, ...]
    type: FieldType
    description: str
    is_optional: bool
    dtype: pl.DataType
    choices: Mapping[str, tuple[str, ...]]

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading that names this field in a canonical file."""
        return (self.name, self.label, *self.also)


def field_of(name: str, column: dy.Column) -> Field:
    """The field behind a schema column made by one of the functions below."""
    about = column.metadata or {}
    return Field(
        name=name,
        label=about["label"],
        also=tuple(about["also"]),
        type=about["type"],
        description=column.description or "",
        is_optional=column.nullable,
        dtype=column.dtype,
        choices=about.get("choices", {}),
    )


def _about(kind: FieldType, label: str, also: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {"label": label, "also": also, "type": kind, **more}


def text(label: str, description: str, *also: str, optional: bool = False) -> dy.String:
    """Words for people: names, notes."""
    return dy.String(
        nullable=optional, description=description, metadata=_about("text", label, also)
    )


def code(
    label: str,
    description: str,
    *also: str,
    optional: bool = False,
    check: Mapping[str, Callable[[pl.Expr], pl.Expr]] | None = None,
) -> dy.String:
    """An identifier, always text: leading zeros and 20 digits survive."""
    return dy.String(
        nullable=optional,
        check=check,
        description=description,
        metadata=_about("code", label, also),
    )


def money(
    label: str, description: str, *also: str, optional: bool = False, smallest: int | None = None
) -> dy.Decimal:
    """CNY with two decimals, tax included unless the name says otherwise."""
    about = _about("money", label, also)
    return _decimal(2, -LARGEST if smallest is None else smallest, description, optional, about)


def quantity(
    label: str, description: str, *also: str, optional: bool = False, smallest: int | None = None
) -> dy.Decimal:
    """A quantity, a unit price or an area with four decimals."""
    about = _about("quantity", label, also)
    return _decimal(4, -LARGEST if smallest is None else smallest, description, optional, about)


def rate(label: str, description: str, *also: str, optional: bool = False) -> dy.Decimal:
    """A share between 0 and 1; files may say 13% or 13."""
    return _decimal(4, 0, description, optional, _about("rate", label, also), largest=1)


def points(label: str, description: str, *also: str, optional: bool = False) -> dy.Decimal:
    """Percent points or an amount, whichever the row's basis says."""
    return _decimal(4, 0, description, optional, _about("points", label, also))


def _decimal(
    scale: int,
    smallest: decimal.Decimal | int,
    description: str,
    optional: bool,
    about: dict[str, Any],
    largest: decimal.Decimal | int = LARGEST,
) -> dy.Decimal:
    return dy.Decimal(
        18,
        scale,
        nullable=optional,
        min=decimal.Decimal(smallest),
        max=decimal.Decimal(largest),
        description=description,
        metadata=about,
    )


def day(
    label: str,
    description: str,
    *also: str,
    optional: bool = False,
    first: dt.date = FIRST_DAY,
    last: dt.date = LAST_DAY,
) -> dy.Date:
    """A calendar day; days outside `first`..`last` are typing mistakes and are rejected."""
    return dy.Date(
        nullable=optional,
        min=first,
        max=last,
        description=description,
        metadata=_about("date", label, also),
    )


def month(label: str, description: str, *also: str, optional: bool = False) -> dy.String:
    """A calendar month as YYYY-MM."""
    return dy.String(
        nullable=optional,
        regex=r"^20\d\d-(0[1-9]|1[0-2])$",
        description=description,
        metadata=_about("month", label, also),
    )


def whole(
    label: str,
    description: str,
    *also: str,
    optional: bool = False,
    smallest: int = 0,
    largest: int = 1_000_000_000,
) -> dy.Int64:
    """A whole number: line numbers, days, counts."""
    return dy.Int64(
        nullable=optional,
        min=smallest,
        max=largest,
        description=description,
        metadata=_about("whole", label, also),
    )


def flag(label: str, description: str, *also: str, optional: bool = False) -> dy.Bool:
    """Yes or no (是/否, true/false, Y/N, 1/0)."""
    return dy.Bool(nullable=optional, description=description, metadata=_about("flag", label, also))


def choice(
    label: str,
    description: str,
    choices: Mapping[str, tuple[str, ...]],
    *also: str,
    optional: bool = False,
) -> dy.String:
    """One of a few codes; files may use the code or one of its Chinese words."""
    return dy.String(
        nullable=optional,
        check={"allowed": lambda value: value.is_in(list(choices))},
        description=description,
        metadata=_about("choice", label, also, choices=choices),
    )


def pay_days(label: str, description: str, *also: str, optional: bool = False) -> dy.String:
    """Days of the month, ascending as written, separated by semicolons."""
    return dy.String(
        nullable=optional,
        regex=r"^([1-9]|[12]\d|3[01])(;([1-9]|[12]\d|3[01]))*$",
        description=description,
        metadata=_about("pay_days", label, also),
    )
