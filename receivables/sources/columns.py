"""The parts of a layout that say where a value stands and what it must keep."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from receivables.contracts import KINDS, Contract
from receivables.sources.values import DateOrder


def wrong(reason: str, *at: str | int) -> PydanticCustomError:
    """A mistake that stands below the section that found it; `at` leads there."""
    # The reason is a value of the template, so that braces in it stay braces.
    return PydanticCustomError("layout", "{reason}", {"reason": reason, "at": at})


def _pattern(text: str) -> str:
    try:
        pl.Series([""]).str.contains(text)
    except pl.exceptions.ComputeError as error:
        why = re.search(r"error: (.*)", str(error).replace("error: regex parse error:", ""))
        raise ValueError(f"not a regular expression: {why[1] if why else error}") from None
    return text


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_fields(value: Any) -> Any:
    """False names no field; true, as if nothing were said, the money."""
    if isinstance(value, bool):
        return None if value else ()
    return _as_list(value)


Text = Annotated[str, BeforeValidator(_as_text)]
Pattern = Annotated[Text, AfterValidator(_pattern)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_as_list)]
ValueMap = dict[Text, Text]
# Several alternatives in place of one heading: any of them will do.
Headings = Annotated[tuple[Texts, ...], BeforeValidator(_as_list)]


class Section(BaseModel):
    """A part of a layout; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(Section):
    """Where a field's value stands and what to do with it, in this order.

    Exactly one source: `from` headings (the first that has a value in the row counts), `beside` a
    label of a key/value block, `below` a heading, a `cell` that matches, a `const`, the `file_name`
    or the `sheet_name`, several headings `joined` to one identifier, or `reckoned` from other
    fields, such as `quantity * unit_price`. A plain text or list stands for `from`.
    """

    headings: Texts = Field((), alias="from")
    beside: Texts = ()
    below: Texts = ()
    cell: Pattern | None = None
    const: Text | None = None
    file_name: Pattern | None = None
    sheet_name: Pattern | None = None
    joined: Texts = ()
    reckoned: str | None = None
    sheet: Text | None = (
        None  # where beside, below and cell look; the table's own sheet if not given
    )

    find: Pattern | None = None  # keep the first group; nothing found is empty
    part: Literal["code", "name"] | None = None  # of code(name)
    none: Texts = ()  # texts that mean nothing
    digits: int | None = Field(None, gt=0)  # leading zeros of so long a number are put back
    map: Text | ValueMap | None = None  # a name under maps, or the map itself
    default: Text | None = None  # for empty values and for values that the map does not know
    date_order: DateOrder = "ymd"
    times: Decimal = Decimal(1)  # -1 where signs are turned, 10000 for 万元
    unit: Literal["stated"] | None = None  # 元, 千元, 万元 as in 金额(万元) or 单位：万元 above
    round: bool = False  # more decimals than the field has are rounded, not rejected
    negate_when: dict[str, Texts] = {}  # turn the sign where another field has one of these values
    otherwise: Column | None = Field(None, alias="else")  # where nothing was found so far

    @property
    def chain(self) -> tuple[Column, ...]:
        """The column and what stands in for it, in the order in which they are tried."""
        return (self, *(self.otherwise.chain if self.otherwise else ()))

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _one_source(self) -> Column:
        given = [name for name in _SOURCES if getattr(self, name) not in ((), None)]
        if len(given) != 1:
            raise ValueError(
                "give exactly one of from, beside, below, cell, const, file_name, sheet_name, "
                "joined, reckoned"
            )
        if self.reckoned is not None:
            formula(self.reckoned)
        return self


_SOURCES = (
    "headings", "beside", "below", "cell", "const", "file_name", "sheet_name", "joined", "reckoned",
)  # fmt: skip
_OPERATORS = ("+", "-", "*", "=")
FIELD_NAME = re.compile(r"^[a-z_]+$")


def formula(text: str) -> tuple[str, ...]:
    """The fields of a formula such as `quantity * unit_price`."""
    words = text.split()
    names, operators = words[0::2], words[1::2]
    fits = all(FIELD_NAME.match(name) for name in names) and set(operators) <= {"+", "-", "*"}
    if len(names) != len(operators) + 1 or not fits:
        raise ValueError(f"'{text}' is not of the form a * b; use fields and + - * between spaces")
    return tuple(names)


class Check(Section):
    """Arithmetic that every row must keep, such as `amount_excl_tax + tax = amount`.

    Operators (+ - * =) stand between spaces. A field's name means its value as it was read, with
    the contract's sign; a heading means the figure as printed. A row that lacks one of the figures
    is not checked. A plain text stands for `that`.
    """

    that: str
    within: Decimal = Field(Decimal("0.01"), ge=0)
    share: Decimal = Field(Decimal(0), ge=0, lt=1)  # of the right side; of both, the wider counts

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"that": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _reads(self) -> Check:
        words = self.that.split()
        names, operators = words[0::2], words[1::2]
        if (
            len(names) != len(operators) + 1
            or any(name in _OPERATORS for name in names)
            or any(operator not in _OPERATORS for operator in operators)
            or operators.count("=") != 1
        ):
            raise ValueError(
                f"'{self.that}' is not of the form a + b = c; use + - * = between spaces"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Fields and headings in the order in which they stand."""
        return tuple(self.that.split()[0::2])

    @property
    def sides(self) -> tuple[str, str]:
        """What stands left and right of the equals sign."""
        left, _, right = self.that.partition(" = ")
        return left.strip(), right.strip()


_OF_A_FIGURE = frozenset(
    {
        *("kind", "field", "where", "plus", "minus"),
        *("beside", "below", "cell", "sheet", "find", "times"),
    }
)


class Figure(Column):
    """A figure that the file prints of itself, held against the sum of rows of one kind.

    Without `sheet`, every sheet (or block) is held to its own figure.
    """

    kind: str
    field: str | None = None  # by default the money of the kind
    where: dict[str, Texts] = {}  # only rows whose field has one of these values; "" is none
    plus: Texts = ()  # labels of figures that it counts besides the rows, such as 上次余额
    minus: Texts = ()  # labels of figures that have been taken off it, such as 预付款

    @model_validator(mode="after")
    def _of_its_kind(self) -> Figure:
        for name in self.model_fields_set - _OF_A_FIGURE:
            raise wrong(
                "a printed figure stands beside, below or in a cell; only sheet, find and times "
                "say more of it",
                type(self).model_fields[name].alias or name,
            )
        fields = contract_of(self.kind).fields
        for name in (self.field, *self.where):
            if name is not None and name not in fields:
                raise wrong(f"{self.kind} has no field {name}", "where", name)
        summed = self.summed
        if summed is None or fields[summed].type not in SUMMED:
            raise wrong(f"{self.kind} has no sum of {summed}; give field", "field")
        return self

    @property
    def summed(self) -> str | None:
        """The field that is summed."""
        return self.field or contract_of(self.kind).money


SUMMED = ("money", "quantity")


def contract_of(kind: str) -> Contract:
    """The contract of a kind; an unknown one is a mistake at its key."""
    if kind not in KINDS:
        raise wrong(f"kind {kind} is none of {', '.join(KINDS)}", "kind")
    return KINDS[kind]
