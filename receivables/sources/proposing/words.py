"""The vocabulary of a proposal: which field a heading may name, and what words of values mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from receivables.contracts import KINDS
from receivables.sources.columns import Column
from receivables.sources.grids import normalised
from receivables.sources.layouts import Layout, Sources
from receivables.yaml_text import read_yaml

WORDS = Path(__file__).with_name("words.yaml")
# From here on a heading is taken for a field; below, only its values can speak.
LIKELY = 78
# What a word inside a longer one counts at least, and what stands in for a field's own heading.
_INSIDE = 68
_WEAKER = 0.92


@dataclass(frozen=True)
class Match:
    """How well a heading names a field (0 to 100), and the known heading that it resembles."""

    score: float
    known: str


@dataclass(frozen=True)
class Vocabulary:
    """Known headings per kind and field, and the labels beside which layouts look for a field."""

    headings: Mapping[str, Mapping[str, tuple[str, ...]]]
    labels: Mapping[tuple[str, str], Sequence[str]]
    weaker: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, sources: Sources) -> Vocabulary:
        """The contracts' labels, the words of `words.yaml`, and the headings of known layouts."""
        taught = _headings_of(sources.layouts)
        kinds = {
            kind: {
                name: tuple(
                    dict.fromkeys(
                        (
                            *field.headings,
                            *_own_words(kind, name),
                            *taught.get((kind, name), [])[:1],
                        )
                    )
                )
                for name, field in contract.fields.items()
            }
            for kind, contract in KINDS.items()
        }
        labels = _labels_of(sources.layouts)
        return cls(kinds, labels, {name: tuple(found) for name, found in words()["weaker"].items()})

    def match(self, kind: str, field: str, heading: str) -> Match:
        """How well a heading names a field of a kind."""
        known = [Match(_alike(heading, one), one) for one in self.headings[kind][field]]
        named = [Match(_alike(heading, one) * _WEAKER, one) for one in self.weaker.get(field, ())]
        return max([*known, *named], key=lambda match: match.score, default=Match(0, ""))

    def match_label(self, kind: str, field: str, label: str) -> Match:
        """How well the label of a value that stands once names a field of a kind."""
        taught = [Match(_alike(label, one), one) for one in self.labels.get((kind, field), ())]
        return max([self.match(kind, field, label), *taught], key=lambda match: match.score)

    def is_known(self, heading: str) -> bool:
        """Whether a heading is, but for spelling, that of any field of any kind."""
        return canonical(heading) in self._all

    @cached_property
    def _all(self) -> frozenset[str]:
        fields = [field for kind in self.headings.values() for field in kind.values()]
        every = [word for field in [*fields, *self.weaker.values()] for word in field]
        return frozenset(canonical(word) for word in every)


@cache
def words() -> Mapping[str, Any]:
    """`words.yaml` as it stands."""
    return read_yaml(WORDS.read_text(encoding="utf-8"))


@lru_cache(maxsize=20_000)
def canonical(heading: str) -> str:
    """A heading with words that mean the same written alike, without its unit."""
    plain = re.sub(r"[(\[](?:元|万元|人民币|cny|rmb|%)[)\]]|#\d+$|^\*|\*$", "", normalised(heading))
    plain = re.sub(r"[()\[\]/]", "", plain)
    for first, *others in words()["alike"]:
        for other in others:
            if other in plain and not (first in plain and other in first):
                plain = plain.replace(other, first)
    return re.sub(r"(?<=.)日$", "日期", plain)


def meaning(field: str, value: str) -> str | None:
    """The code that a word of a document type stands for: 采购退货单 is a return."""
    choices: Mapping[str, Iterable[str]] = words()["values"].get(field, {})
    return next((c for c, parts in choices.items() if any(part in value for part in parts)), None)


def kind_words(kind: str, text: str) -> list[str]:
    """The words of a text that speak for a kind."""
    plain = normalised(text)
    return [word for word in words()["kinds"].get(kind, ()) if word in plain]


@lru_cache(maxsize=200_000)
def _alike(heading: str, known: str) -> float:
    ours, theirs = canonical(heading), canonical(known)
    if not ours or not theirs:
        return 0
    if normalised(heading) == normalised(known):
        return 100
    if ours == theirs:
        return 97
    if any((word in ours) != (word in theirs) for word in _apart()):
        return 0
    score = fuzz.ratio(ours, theirs)
    if len(theirs) >= 2 and theirs in ours:
        score = max(score, _INSIDE + (95 - _INSIDE) * len(theirs) / len(ours))
    return score


@cache
def _apart() -> tuple[str, ...]:
    return tuple(canonical(word) for word in words()["apart"])


def _own_words(kind: str, field: str) -> Iterable[str]:
    found = words()["headings"]
    return (*found.get(f"{kind}.{field}", ()), *found.get(field, ()))


def _headings_of(layouts: Iterable[Layout]) -> dict[tuple[str, str], list[str]]:
    """The headings under which known layouts find a field as it stands."""
    taught: dict[tuple[str, str], list[str]] = {}
    for kind, name, column in _columns_of(layouts):
        if column.find is None and column.map is None:
            taught.setdefault((kind, name), []).extend(column.headings)
    return taught


def _labels_of(layouts: Iterable[Layout]) -> dict[tuple[str, str], list[str]]:
    """The labels beside or below which known layouts find a field."""
    taught: dict[tuple[str, str], list[str]] = {}
    for kind, name, column in _columns_of(layouts):
        taught.setdefault((kind, name), []).extend((*column.beside, *column.below))
    return taught


def _columns_of(layouts: Iterable[Layout]) -> Iterator[tuple[str, str, Column]]:
    for layout in layouts:
        for table in layout.tables:
            for name, column in layout.columns_of(table).items():
                yield table.kind, name, column
