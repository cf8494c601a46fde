"""Layouts: one YAML file describes one look of a file, so that a new look needs no code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    ValidationError,
    model_validator,
)

from receivables.contracts import KINDS, Contract
from receivables.home import REPOSITORY, Home
from receivables.sources.columns import (
    FIELD_NAME,
    SUMMED,
    Check,
    Column,
    Figure,
    Headings,
    Pattern,
    Patterns,
    Section,
    Text,
    Texts,
    ValueMap,
    as_fields,
    contract_of,
    formula,
    wrong,
)
from receivables.sources.lines import Document, YamlError


class LayoutError(Exception):
    """A layout file is wrong; the message names the file, the line, the place and the reason."""


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
    unless: dict[Text, Pattern] = {}  # leave out rows where the cell matches
    columns: dict[str, Column] = {}
    gather: bool = False  # lines of one document become its row: money adds up
    checks: tuple[Check, ...] = ()
    totals: Annotated[tuple[str, ...] | None, BeforeValidator(as_fields)] = None
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
        fields = contract_of(self.kind).fields
        for name, column in self.columns.items():
            if name not in fields:
                raise wrong(f"{self.kind} has no field {name}", "columns", name)
            for other in column.negate_when:
                if other not in fields:
                    at = ("columns", name, "negate_when", other)
                    raise wrong(f"{self.kind} has no field {other}", *at)
            for each in column.chain:
                self._reckons(name, each)
        for number, check in enumerate(self.checks):
            for name in check.names:
                if FIELD_NAME.match(name) and name not in fields:
                    raise wrong(f"{self.kind} has no field {name}", "checks", number)
        for name in self.totals or ():
            if name not in fields or fields[name].type not in SUMMED:
                raise wrong(f"{self.kind} has no sum of {name}", "totals")
        return self

    def _reckons(self, name: str, column: Column) -> None:
        """Only figures are reckoned, and only from figures."""
        if column.reckoned is None:
            return
        fields = self.contract.fields
        for each in (name, *formula(column.reckoned)):
            if each not in fields or fields[each].type not in (*SUMMED, "rate"):
                raise wrong(f"{self.kind} has no figure {each}", "columns", name, "reckoned")


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
            raise wrong("give at least one table", "tables")
        return self

    @model_validator(mode="after")
    def _maps_exist(self) -> Layout:
        for place, column in self._placed_columns():
            for depth, each in enumerate(column.chain):
                if isinstance(each.map, str) and each.map not in self.maps:
                    at = (*place, *("else",) * depth, "map")
                    raise wrong(f"there is no map {each.map} under maps", *at)
        return self

    @model_validator(mode="after")
    def _fields_are_used(self) -> Layout:
        for name in self.shared:
            if not any(name in table.contract.fields for table in self.tables):
                raise wrong(f"no table's kind has the field {name}", "shared", name)
        for number, figure in enumerate(self.totals):
            if not any(table.kind == figure.kind for table in self.tables):
                raise wrong(f"no table gives {figure.kind}", "totals", number, "kind")
        for number, table in enumerate(self.tables):
            given = self.columns_of(table)
            for place, check in enumerate(table.checks):
                for name in check.names:
                    if FIELD_NAME.match(name) and name not in given:
                        at = ("tables", number, "checks", place)
                        raise wrong(f"the table has no column {name} to check", *at)
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
