"""What a pack holds, free of openpyxl: labels, columns, sheets, cover figures, charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

Language = Literal["zh", "en"]
Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Label:
    """A text in Chinese and English."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """The text in one language."""
        return self.zh if language == "zh" else self.en


def bilingual(zh: str, en: str) -> Label:
    """Short form of Label."""
    return Label(zh, en)


class Kind(StrEnum):
    """What a column holds; it decides type, number format, alignment and width."""

    TEXT = "text"
    CODE = "code"  # identifiers: text that is never wrapped
    MONEY = "money"  # Decimal in CNY
    QUANTITY = "quantity"  # Decimal
    PERCENT = "percent"  # Decimal, 0.05 is 5 %
    SCORE = "score"  # Decimal with one place
    COUNT = "count"  # int
    DAY = "day"  # date


class Tone(StrEnum):
    """How good or bad a value is; it decides the shade of its cell."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    BAD = "bad"


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes:
        key: name in the data, also the heading in the CSV that stands in for a long sheet.
        label: heading.
        kind: what it holds.
        total: whether the sheet shows its sum.
        codes: labels of coded values; a value without label is shown as it is.
        alarm: values above zero are set in red.
        shade: values above zero stand on this colour, as RRGGBB.
        tones: shades of coded values.
        widest: most characters a text column may take; longer text is wrapped.
        is_entry: cells for people to fill in; a form locks all others.
        choices: what an entry offers, by language; others are refused where `only_choices`.
        is_printed: the last columns of a sheet may be for the screen only.
    """

    key: str
    label: Label
    kind: Kind = Kind.TEXT
    total: bool = False
    codes: Mapping[str, Label] | None = None
    alarm: bool = False
    widest: int = 42
    is_entry: bool = False
    choices: Sequence[Label] = ()
    only_choices: bool = True
    shade: str | None = None
    tones: Mapping[str, Tone] | None = None
    is_printed: bool = True


@dataclass(frozen=True)
class Link:
    """The cells of a column lead to the first row of a sheet that has the same values.

    Attributes:
        column: key of the column whose cells lead there.
        sheet: name of the sheet they lead to.
        by: keys of the columns, of both sheets, whose values are the same.
        first_only: only the first of the rows with these values leads there.
    """

    column: str
    sheet: str
    by: Sequence[str]
    first_only: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet of rows: one tuple per row, in the order of the columns.

    `rows` is read once, and the rows of one sheet are read to the end before the next sheet's.
    A sheet with entries is a form: all other cells are locked, without a password.

    Attributes:
        levels: depth of each row in an outline, 0 at the top; rows above others are their sums,
            and only rows of depth 0 count for the sheet's totals.
        folded: rows of this depth or deeper are folded away at first.
    """

    title: Label
    columns: Sequence[Column]
    rows: Rows
    note: Label = Label("", "")
    frozen_columns: int = 1
    name: str = "rows"  # stem of the CSV that stands in for a long sheet
    links: Sequence[Link] = ()
    levels: Sequence[int] = ()
    folded: int = 9

    @property
    def is_form(self) -> bool:
        """Whether people fill something in."""
        return any(column.is_entry for column in self.columns)


@dataclass(frozen=True)
class KeyFigure:
    """A figure on the cover, with its change (None: not known) and its course, oldest first."""

    label: Label
    value: Decimal | int
    kind: Kind = Kind.MONEY
    change: Decimal | int | None = None
    trend: Sequence[Decimal | int] = ()


@dataclass(frozen=True)
class TieOut:
    """Two figures that must be equal, each with where it comes from."""

    label: Label
    left: Decimal | int
    right: Decimal | int
    kind: Kind = Kind.MONEY

    @property
    def difference(self) -> Decimal | int:
        """Left less right; zero when it ties."""
        return self.left - self.right

    @property
    def ties(self) -> bool:
        """Whether both figures are the same, to the cent."""
        return self.left == self.right


@dataclass(frozen=True)
class Block:
    """A small table on the cover; its title leads to the sheet named `sheet`.

    `empty` is said where it has no rows.
    """

    title: Label
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    empty: Label = Label("无", "none")
    most: int = 8
    sheet: str = ""


@dataclass(frozen=True)
class Chart:
    """A native chart on the cover; its figures stand on the figures sheet.

    `rows` hold the category first, then one Decimal or int per series.
    """

    title: Label
    series: Sequence[Label]
    rows: Sequence[Sequence[Any]]
    kind: Literal["bar", "stacked", "line"] = "bar"
    horizontal: bool = False
    codes: Mapping[str, Label] | None = None
    colours: Sequence[str] = ()  # of the series, as RRGGBB; the house's where none are given


@dataclass(frozen=True)
class Pack:
    """A workbook: a cover, sheets, and the figures behind its charts."""

    kind: str
    title: Label
    as_of: date
    policy_version: str
    company: str = ""
    subtitle: Label = Label("", "")
    since: Label = Label("较上一日 {}", "{} since the day before")  # what changes are held against
    key_figures: Sequence[KeyFigure] = ()
    tie_outs: Sequence[TieOut] = ()
    blocks: Sequence[Block] = ()
    charts: Sequence[Chart] = ()
    sheets: Sequence[Sheet] = field(default=())
