"""Layouts: one YAML file describes one look of a file, so that a new look needs no code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from receivables.contracts import KINDS, Contract
from receivables.home import REPOSITORY, Home
from receivables.sources.lines import Document, YamlError
from receivables.sources.values import DateOrder


class LayoutError(Exception):
    """A layout file is wrong; the message names the file, the line, the place and the reason."""


def _wrong(reason: str, *at: str | int) -> PydanticCustomError:
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


def _as_fields(value: Any) -> Any:
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
            _formula(self.reckoned)
        return self


_SOURCES = (
    "headings", "beside", "below", "cell", "const", "file_name", "sheet_name", "joined", "reckoned",
)  # fmt: skip
_OPERATORS = ("+", "-", "*", "=")
_FIELD_NAME = re.compile(r"^[a-z_]+$")


def _formula(text: str) -> tuple[str, ...]:
    """The fields of a formula such as `quantity * unit_price`."""
    words = text.split()
    names, operators = words[0::2], words[1::2]
    fits = all(_FIELD_NAME.match(name) for name in names) and set(operators) <= {"+", "-", "*"}
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


class Figure(Column):
    """A figure that the file prints of itself, held against the sum of rows of one kind.

    Without `sheet`, every sheet (or block) is held to its own figure.
    """

    kind: str
    field: str | None = None  # by default the money of the kind
    where: dict[str, Texts] = {}  # only rows whose field has one of these values

    @model_validator(mode="after")
    def _of_its_kind(self) -> Figure:
        if self.headings or self.const is not None or self.negate_when:
            raise ValueError("a printed figure stands beside, below or in a cell")
        fields = _contract_of(self.kind).fields
        for name in (self.field, *self.where):
            if name is not None and name not in fields:
                raise _wrong(f"{self.kind} has no field {name}", "where", name)
        summed = self.summed
        if summed is None or fields[summed].type not in _SUMMED:
            raise _wrong(f"{self.kind} has no sum of {summed}; give field", "field")
        return self

    @property
    def summed(self) -> str | None:
        """The field that is summed."""
        return self.field or _contract_of(self.kind).money


_SUMMED = ("money", "quantity")


def _contract_of(kind: str) -> Contract:
    if kind not in KINDS:
        raise _wrong(f"kind {kind} is none of {', '.join(KINDS)}", "kind")
    return KINDS[kind]


class Table(Section):
    """One table in one or several sheets, which gives rows of one kind."""

    kind: str
    sheets: Texts = ("*",)  # names, * for any ending
    optional: bool = False
    after: Pattern | None = None  # starts below the row with a cell that matches
    until: Pattern | None = None  # ends above the row whose first filled cell matches
    header: Headings = ()  # headings that mark the header row; by default those of required fields
    header_rows: Literal[1, 2] = 1  # with 2, a heading below a group's is 组/列, or 列 if alone
    fill_down: Texts = ()  # merged cells; a new value of the first one starts a new group
    skip: Patterns = ()  # rows whose first filled cell matches, besides totals, headings and notes
    where: dict[Text, Pattern] = {}  # keep only rows where the cell (empty: "") matches
    columns: dict[str, Column] = {}
    gather: bool = False  # lines of one document become its row: money adds up
    checks: tuple[Check, ...] = ()
    totals: Annotated[tuple[str, ...] | None, BeforeValidator(_as_fields)] = None
    # Fields whose sums stand in rows of 小计, 合计, 总计; by default the money, false: none.

    @property
    def contract(self) -> Contract:
        """The contract of the table's kind."""
        return KINDS[self.kind]

    @property
    def totalled(self) -> tuple[str, ...]:
        """The fields whose sums the table's own totals are held against."""
        money = self.contract.money
        return self.totals if self.totals is not None else (money,) if money else ()

    @model_validator(mode="after")
    def _of_its_kind(self) -> Table:
        fields = _contract_of(self.kind).fields
        for name, column in self.columns.items():
            if name not in fields:
                raise _wrong(f"{self.kind} has no field {name}", "columns", name)
            for other in column.negate_when:
                if other not in fields:
                    at = ("columns", name, "negate_when", other)
                    raise _wrong(f"{self.kind} has no field {other}", *at)
            for each in column.chain:
                self._reckons(name, each)
        for number, check in enumerate(self.checks):
            for name in check.names:
                if _FIELD_NAME.match(name) and name not in fields:
                    raise _wrong(f"{self.kind} has no field {name}", "checks", number)
        for name in self.totals or ():
            if name not in fields or fields[name].type not in _SUMMED:
                raise _wrong(f"{self.kind} has no sum of {name}", "totals")
        return self

    def _reckons(self, name: str, column: Column) -> None:
        """Only figures are reckoned, and only from figures."""
        if column.reckoned is None:
            return
        fields = self.contract.fields
        for each in (name, *_formula(column.reckoned)):
            if each not in fields or fields[each].type not in (*_SUMMED, "rate"):
                raise _wrong(f"{self.kind} has no figure {each}", "columns", name, "reckoned")


class Recognition(Section):
    """What a file must show; the more is asked for, the more specific the layout."""

    sheets: Texts = ()  # each must name a sheet
    headings: Headings = ()  # all in one row (or header of two rows) of one sheet
    title: Patterns = ()  # each in some cell near the top of a sheet

    @property
    def specificity(self) -> int:
        """Number of things asked for; the most specific layout that fits is taken."""
        return len(self.sheets) + len(self.headings) + len(self.title)

    @model_validator(mode="after")
    def _asks_for_something(self) -> Recognition:
        if not self.specificity:
            raise ValueError("give at least one of sheets, headings, title")
        return self


class Layout(Section):
    """One look of a file."""

    name: str
    label: str
    recognise: Recognition
    maps: dict[str, ValueMap] = {}
    shared: dict[str, Column] = {}  # columns of every table whose kind has the field
    blocks: Pattern | None = None  # a sheet repeats itself, per store say, from each such row on
    tables: tuple[Table, ...]
    totals: tuple[Figure, ...] = ()  # printed figures besides the rows of 合计

    @model_validator(mode="after")
    def _has_tables(self) -> Layout:
        if not self.tables:
            raise _wrong("give at least one table", "tables")
        return self

    @model_validator(mode="after")
    def _maps_exist(self) -> Layout:
        for place, column in self._placed_columns():
            for depth, each in enumerate(column.chain):
                if isinstance(each.map, str) and each.map not in self.maps:
                    at = (*place, *("else",) * depth, "map")
                    raise _wrong(f"there is no map {each.map} under maps", *at)
        return self

    @model_validator(mode="after")
    def _fields_are_used(self) -> Layout:
        for name in self.shared:
            if not any(name in table.contract.fields for table in self.tables):
                raise _wrong(f"no table's kind has the field {name}", "shared", name)
        for number, figure in enumerate(self.totals):
            if not any(table.kind == figure.kind for table in self.tables):
                raise _wrong(f"no table gives {figure.kind}", "totals", number, "kind")
        for number, table in enumerate(self.tables):
            given = self.columns_of(table)
            for place, check in enumerate(table.checks):
                for name in check.names:
                    if _FIELD_NAME.match(name) and name not in given:
                        at = ("tables", number, "checks", place)
                        raise _wrong(f"the table has no column {name} to check", *at)
        return self

    def _placed_columns(self) -> Iterable[tuple[tuple[str | int, ...], Column]]:
        """Every column and where it stands in the file."""
        for name, column in self.shared.items():
            yield ("shared", name), column
        for number, table in enumerate(self.tables):
            for name, column in table.columns.items():
                yield ("tables", number, "columns", name), column
        for number, figure in enumerate(self.totals):
            yield ("totals", number), figure

    def columns_of(self, table: Table) -> dict[str, Column]:
        """The table's columns, with the shared ones that it does not give itself."""
        shared = {
            name: column for name, column in self.shared.items() if name in table.contract.fields
        }
        return shared | table.columns

    def map_of(self, column: Column) -> Mapping[str, str] | None:
        """The value map of a column."""
        return self.maps[column.map] if isinstance(column.map, str) else column.map


@dataclass(frozen=True)
class Sources:
    """All layouts that are known, by name."""

    layouts: tuple[Layout, ...] = ()

    @classmethod
    def of(cls, home: Home) -> Sources:
        """The shipped layouts and the home's own, which replace shipped ones of their name."""
        return cls.read(REPOSITORY / "config" / "sources", home.root / "config" / "sources")

    @classmethod
    def read(cls, *folders: Path) -> Sources:
        """Layouts of the folders; a later folder's file replaces an earlier one of its name.

        Raises:
            LayoutError: a file is no YAML or not a layout.
        """
        files: dict[str, Path] = {}
        for folder in folders:
            files |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
        return cls(tuple(read_layout(path) for path in files.values()))


def read_layout(path: Path) -> Layout:
    """One layout; its name is the file's.

    Raises:
        LayoutError: the file is no YAML or not a layout.
    """
    try:
        document = Document(path.read_text(encoding="utf-8"))
    except YamlError as error:
        raise LayoutError(f"{path}, line {error.line}: {error}") from None
    except UnicodeDecodeError as error:
        raise LayoutError(f"{path}: not UTF-8: {error}") from None
    if not isinstance(document.content, dict):
        raise LayoutError(f"{path}, line 1: the file is empty or no mapping of keys")
    try:
        return Layout.model_validate({"name": path.stem, **document.content})
    except ValidationError as error:
        raise LayoutError("; ".join(_complaints(path, document, error))) from None


def _complaints(path: Path, document: Document, error: ValidationError) -> Iterable[str]:
    for one in error.errors():
        loc = (*one["loc"], *one.get("ctx", {}).get("at", ()))
        place = ".".join(str(part) for part in loc) or "the file"
        reason = one["msg"].removeprefix("Value error, ")
        yield f"{path}, line {document.line(loc)}: {place}: {reason}"
