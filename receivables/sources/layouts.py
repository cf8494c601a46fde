"""Layouts: one YAML file describes one look of a file, so that a new look needs no code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from receivables.contracts import KINDS, Contract
from receivables.home import REPOSITORY, Home
from receivables.sources.values import DateOrder


class LayoutError(Exception):
    """A layout file is wrong; the message names the file, the place in it and the reason."""


def _pattern(text: str) -> str:
    try:
        pl.Series([""]).str.contains(text)
    except pl.exceptions.ComputeError as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text)]
Pattern = Annotated[Text, AfterValidator(_pattern)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_as_list)]
ValueMap = dict[Text, Text]


class Section(BaseModel):
    """A part of a layout; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(Section):
    """Where a field's value stands and what to do with it, in this order.

    Exactly one source: `from` headings (the first that has a value in the row counts), `beside` a
    label of a key/value block, `below` a heading, a `cell` that matches, a `const`, the `file_name`
    or the `sheet_name`. A plain text or list stands for `from`.
    """

    headings: Texts = Field((), alias="from")
    beside: Texts = ()
    below: Texts = ()
    cell: Pattern | None = None
    const: Text | None = None
    file_name: Pattern | None = None
    sheet_name: Pattern | None = None
    sheet: Text | None = (
        None  # where beside, below and cell look; the table's own sheet if not given
    )

    find: Pattern | None = None  # keep the first group; nothing found is empty
    part: Literal["code", "name"] | None = None  # of code(name)
    none: Texts = ()  # texts that mean nothing
    map: Text | ValueMap | None = None  # a name under maps, or the map itself
    default: Text | None = None  # for empty values and for values that the map does not know
    date_order: DateOrder = "ymd"
    times: Decimal = Decimal(1)  # -1 where signs are turned, 10000 for 万元
    round: bool = False  # more decimals than the field has are rounded, not rejected
    negate_when: dict[str, Texts] = {}  # turn the sign where another field has one of these values

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _one_source(self) -> Column:
        given = [name for name in _SOURCES if getattr(self, name) not in ((), None)]
        if len(given) != 1:
            raise ValueError(
                "give exactly one of from, beside, below, cell, const, file_name, sheet_name"
            )
        return self


_SOURCES = ("headings", "beside", "below", "cell", "const", "file_name", "sheet_name")


class Table(Section):
    """One table in one or several sheets, which gives rows of one kind."""

    kind: str
    sheets: Texts = ("*",)  # names, * for any ending
    optional: bool = False
    after: Pattern | None = None  # starts below the row with a cell that matches
    until: Pattern | None = None  # ends above the row whose first filled cell matches
    header: Texts = ()  # headings that mark the header row; by default those of required fields
    fill_down: Texts = ()  # merged cells; a new value of the first one starts a new group
    skip: Patterns = ()  # rows whose first filled cell matches, besides totals and headings
    where: dict[Text, Pattern] = {}  # keep only rows where the cell under the heading matches
    columns: dict[str, Column] = {}

    @property
    def contract(self) -> Contract:
        """The contract of the table's kind."""
        return KINDS[self.kind]

    @model_validator(mode="after")
    def _of_its_kind(self) -> Table:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind} is none of {', '.join(KINDS)}")
        for name in self.columns:
            if name not in self.contract.fields:
                raise ValueError(f"{self.kind} has no field {name}")
        return self


class Recognition(Section):
    """What a file must show; the more is asked for, the more specific the layout."""

    sheets: Texts = ()  # each must name a sheet
    headings: Texts = ()  # all in one row of one sheet
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
    tables: tuple[Table, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _maps_exist(self) -> Layout:
        tables = [*self.tables]
        for column in [*self.shared.values(), *(c for t in tables for c in t.columns.values())]:
            if isinstance(column.map, str) and column.map not in self.maps:
                raise ValueError(f"there is no map {column.map} under maps")
        for name in self.shared:
            if not any(name in table.contract.fields for table in tables):
                raise ValueError(f"shared.{name}: no table's kind has the field {name}")
        return self

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
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(raw, dict):
        raise LayoutError(f"{path}: the file is empty")
    try:
        return Layout.model_validate({"name": path.stem, **raw})
    except ValidationError as error:
        raise LayoutError("; ".join(_complaints(path, error))) from None


def _complaints(path: Path, error: ValidationError) -> Iterable[str]:
    for one in error.errors():
        place = ".".join(str(part) for part in one["loc"]) or "the file"
        yield f"{path}: {place}: {one['msg']}"
