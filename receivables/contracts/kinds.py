"""The registry of received kinds: what is common to all rows of a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import dataframely as dy
import polars as pl

from receivables.contracts.fields import Field, field_of

ORIGIN = ("sheet", "row_no")


class ReceivedRow(dy.Schema):
    """One row as sent: where it stood, then the fields of its kind.

    The docstring of a rule is the sentence that a row breaking it carries.
    """

    sheet = dy.String(nullable=True, description="Worksheet of the file; null without sheets.")
    row_no = dy.Int64(description="Row in the sheet or file, from 1, headings included.")


@dataclass(frozen=True)
class Contract:
    """What a kind of paper promises.

    `key` names the fields that identify one document across files, days and formats; `money` the
    field whose sum is controlled per file (None: the kind carries no money). A document of a kind
    that `has_lines` may be several rows; of the others it is exactly one. Files about a document
    that `adds_up` say different parts of it: what a file leaves out stays as an earlier one said.

    Of such a document with lines, a row that states none of `line_fields` stands for the whole,
    and `line_terms` are said of lines too; the other fields are said of the document.
    """

    kind: str
    label: str
    description: str
    key: tuple[str, ...]
    money: str | None
    has_lines: bool
    schema: type[ReceivedRow]
    adds_up: bool = False
    line_fields: tuple[str, ...] = ()
    line_terms: tuple[str, ...] = ()

    @property
    def adds_up_with_lines(self) -> bool:
        """Whether some files state the lines of a document and others only its total."""
        return self.adds_up and self.has_lines

    @cached_property
    def document_fields(self) -> tuple[str, ...]:
        """The fields said of a document as a whole, without its key and its money."""
        others = {*self.key, *self.line_fields, *self.line_terms, self.money}
        return tuple(name for name in self.fields if name not in others)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The kind's fields by name, in the order of its canonical file."""
        columns = self.schema.columns()
        return {name: field_of(name, columns[name]) for name in columns if name not in ORIGIN}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Chinese heading of each field, for canonical files and for people."""
        return {name: field.label for name, field in self.fields.items()}

    @cached_property
    def polars_schema(self) -> pl.Schema:
        """Column types of accepted rows: origin, then fields."""
        return pl.Schema({name: column.dtype for name, column in self.schema.columns().items()})

    def is_kept_by(self, rows: pl.DataFrame) -> bool:
        """Whether all rows, typed already, keep the rules of the schema.

        As `schema.is_valid`, several times faster on small frames: the rules are put together once.
        """
        return bool(rows.select(self._all_rules).item())

    @cached_property
    def _all_rules(self) -> pl.Expr:
        columns = self.schema.columns()
        of_columns = (
            rule
            for name, column in columns.items()
            for rule in column.validation_rules(pl.col(name)).values()
        )
        across = (
            part.validation_fn(self.schema)
            for part in vars(self.schema).values()
            if hasattr(part, "validation_fn")
        )
        # A rule that cannot be told because of a null is kept; nulls have a rule of their own.
        return pl.all_horizontal(rule.all(ignore_nulls=True) for rule in (*of_columns, *across))

    def sentence(self, rule: str) -> str:
        """What a row that breaks a rule across fields carries: the rule's docstring."""
        return self._rule(rule).__doc__ or rule

    def rule_field(self, rule: str) -> str:
        """The last field that a rule across fields looks at."""
        return self._rule(rule)(self.schema).meta.root_names()[-1]

    def _rule(self, rule: str) -> Callable[[type[ReceivedRow]], pl.Expr]:
        return vars(self.schema)[rule].validation_fn


REGISTERED: dict[str, Contract] = {}
Row = TypeVar("Row", bound=type[ReceivedRow])


def received(
    kind: str,
    label: str,
    *,
    key: tuple[str, ...],
    money: str | None = None,
    has_lines: bool = False,
    adds_up: bool = False,
    line_fields: tuple[str, ...] = (),
    line_terms: tuple[str, ...] = (),
) -> Callable[[Row], Row]:
    """Register a schema class as the contract of a kind; its docstring describes the kind."""

    def register(schema: Row) -> Row:
        REGISTERED[kind] = Contract(
            kind,
            label,
            schema.__doc__ or "",
            key,
            money,
            has_lines,
            schema,
            adds_up,
            line_fields,
            line_terms,
        )
        return schema

    return register
