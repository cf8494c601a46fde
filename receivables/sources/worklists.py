"""Worklists that come back: packs in which people chose a decision per row, read as decisions.

A worklist is told by two headings in one row, wherever they stand and whatever the file and its
sheets are called; each row names its subject and the day of its figures, so rows may be sorted,
deleted, copied together or hidden by a filter. A row without a decision is no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from receivables import decisions as words
from receivables.contracts import KINDS
from receivables.decisions import CHOICES, Choice, Subject, choice_of
from receivables.sources.acceptance import Draft, Fault, accept, unreadable_sentence
from receivables.sources.grids import Book, Grid, normalised
from receivables.sources.parsed import Parsed
from receivables.sources.plain import read_columns

LAYOUT = "worklist"
CONTRACT = KINDS["decisions"]

_COLUMNS = {
    "subject": words.SUBJECT,
    "decision": words.DECISION,
    "target_id": words.TARGET,
    "decided_amount": words.AMOUNT_DECIDED,
    "amount": words.AMOUNT,
    "note": words.NOTE,
    "decided_by": words.DECIDED_BY,
    "decided_on": words.DECIDED_ON,
}
_TOLD_BY = ("subject", "decision")


@dataclass(frozen=True)
class _Row:
    """A row with a decision: where it stands, its cells by field, what was understood."""

    sheet: str | None
    number: int
    cells: Mapping[str, str]
    subject: Subject | None
    choice: Choice | None

    @property
    def key(self) -> tuple[object, ...] | None:
        """What makes two rows one decision; None where the row is not understood."""
        if self.subject is None or self.choice is None:
            return None
        return (self.subject.kind, self.subject.id, self.decided_on)

    @property
    def decided_on(self) -> str:
        """The day it names, else the day whose figures it is on."""
        return self.cells.get("decided_on") or str(self.subject and self.subject.as_of)

    def says(self) -> tuple[object, ...]:
        """What it decides, for telling whether two rows agree."""
        amount = self.cells.get("decided_amount") or self.cells.get("amount")
        return (self.choice, self.cells.get("target_id"), amount)


def worklist_of(book: Book) -> Parsed | None:
    """The decisions of a worklist; None where no sheet is one."""
    headers = [(grid, header) for grid in book.grids if (header := _header(grid)) is not None]
    if not headers:
        return None
    rows = [row for grid, (at, places) in headers for row in _rows(grid, at, places)]
    kept, repeated = _without_repeats(rows)
    notes = [f"The hidden sheet {name} was not read." for name in book.hidden]
    if not rows:
        notes.append("No row of this worklist has a decision.")
    notes += [
        f"Row {row.number} says the same as row {first.number} of {first.sheet} and counts once."
        for row, first in repeated
    ]
    return Parsed(LAYOUT, (accept(_draft(kept)),), " ".join(notes) or None)


def _header(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """The row of the headings and the places of the columns."""
    for number, headings in enumerate(grid.top_headings):
        places = {
            field: headings[normalised(label)]
            for field, labels in _COLUMNS.items()
            for label in labels
            if normalised(label) in headings
        }
        if all(field in places for field in _TOLD_BY):
            return number, places
    return None


def _rows(grid: Grid, header: int, places: Mapping[str, int]) -> Iterator[_Row]:
    below = grid.cells.slice(header + 1).with_row_index("row")
    decision = pl.col(f"c{places['decision']}").str.strip_chars()
    wanted = below.filter(decision.is_not_null() & (decision != ""))
    for row in wanted.iter_rows(named=True):
        cells = {
            field: value
            for field, place in places.items()
            if (value := (row[f"c{place}"] or "").strip())
        }
        if normalised(cells["decision"]) in map(normalised, words.DECISION):
            continue  # the headings, copied along with rows of another sheet
        subject = Subject.read(cells.get("subject", ""))
        choice = choice_of(subject, cells["decision"]) if subject else None
        number = grid.offset + header + 2 + row["row"]
        yield _Row(grid.name, number, cells, subject, choice)


def _without_repeats(rows: list[_Row]) -> tuple[list[_Row], list[tuple[_Row, _Row]]]:
    """The rows without those that repeat an earlier one, and the repeated with the earlier."""
    kept: list[_Row] = []
    repeated: list[tuple[_Row, _Row]] = []
    seen: dict[tuple[object, ...], _Row] = {}
    for row in rows:
        earlier = seen.setdefault((row.key, row.says()), row) if row.key else row
        if earlier is row:
            kept.append(row)
        else:
            repeated.append((row, earlier))
    return kept, repeated


def _draft(rows: list[_Row]) -> Draft:
    """The rows typed as decisions, with a fault for each that cannot be taken."""
    cells = {
        field: pl.Series(field, [row.cells.get(field) for row in rows], dtype=pl.String)
        for field in _COLUMNS
    }
    decided = cells["decided_amount"].to_frame().with_columns(cells["amount"])
    raw = {
        "subject_kind": _series([row.subject.kind if row.subject else None for row in rows]),
        "subject_id": cells["subject"],
        "decision": cells["decision"],
        "target_id": cells["target_id"],
        "amount": decided.select(pl.coalesce("decided_amount", "amount")).to_series(),
        "note": cells["note"],
        "decided_by": cells["decided_by"],
        "decided_on": _series([row.decided_on if row.subject else None for row in rows]),
    }
    reads = read_columns(
        {**raw, "until": raw["target_id"]},
        {**CONTRACT.fields, "until": CONTRACT.fields["decided_on"]},
        {},
    )
    until = reads["until"].values
    values = {name: reads[name].values for name in raw}
    values["subject_id"] = _series([row.subject.id if row.subject else None for row in rows])
    values["decision"] = _series([row.choice.code if row.choice else None for row in rows])
    values["target_id"] = _series(
        [
            until[place].isoformat()
            if row.choice and row.choice.needs == "a day" and until[place]
            else row.cells.get("target_id")
            for place, row in enumerate(rows)
        ]
    )
    typed = pl.DataFrame(
        {
            "sheet": _series([row.sheet for row in rows]),
            "row_no": pl.Series([row.number for row in rows], dtype=pl.Int64),
            **values,
        }
    ).cast({"amount": CONTRACT.fields["amount"].dtype})
    faults = [
        Fault(name, unread, unreadable_sentence(CONTRACT.fields[name]))
        for name in ("amount", "decided_on")
        if (unread := reads[name].unreadable) is not None
    ]
    sentences = _contradictions(rows)
    for place, row in enumerate(rows):
        day = until[place] is not None
        sentences[place] = sentences[place] or _why_not_taken(row, is_day=day)
    told = _series(sentences)
    faults.append(Fault("subject_id", told.is_not_null(), told.fill_null("")))
    headings = {
        field: labels[0] for field, labels in _COLUMNS.items() if field in CONTRACT.fields
    } | {"subject_id": words.SUBJECT[0]}
    return Draft(CONTRACT, typed, raw, faults, headings)


def _why_not_taken(row: _Row, *, is_day: bool) -> str | None:
    """What keeps a row from being a decision."""
    if row.subject is None:
        return (
            f"unknown: '{row.cells.get('subject', '')}' names no row of a worklist; copy the "
            f"{words.SUBJECT[0]} of the row from the pack as it stands."
        )
    if row.choice is None:
        offered = ", ".join(f"{choice.zh} ({choice.en})" for choice in CHOICES[row.subject.kind])
        return f"'{row.cells['decision']}' is no decision on this row; choose one of {offered}."
    if row.choice.needs == "a target" and "target_id" not in row.cells:
        return f"'{row.cells['decision']}' needs a name or number in {words.TARGET[0]}."
    if row.choice.needs == "a day" and not is_day:
        return f"'{row.cells['decision']}' needs a day such as 2026-09-30 in {words.TARGET[0]}."
    if "decided_by" not in row.cells:
        return f"Nobody stands behind it: write who decided into {words.DECIDED_BY[0]}."
    return None


def _contradictions(rows: list[_Row]) -> list[str | None]:
    """For each row, what another row of the file says of the same subject."""
    by_key: dict[tuple[object, ...], list[_Row]] = {}
    for row in rows:
        if row.key:
            by_key.setdefault(row.key, []).append(row)

    def told(row: _Row) -> str | None:
        others = [other for other in by_key.get(row.key, []) if other is not row] if row.key else []
        if not others:
            return None
        where = f"row {others[0].number}" + (f" of {others[0].sheet}" if others[0].sheet else "")
        return (
            f"contradicts {where}, which says '{others[0].cells['decision']}' on the same; none of "
            "them is taken: leave one and send the file again."
        )

    return [told(row) for row in rows]


def _series(values: list[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)
