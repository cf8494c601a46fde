"""A layout for a file that none describes: what it says, why, and what a person must tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log2
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from receivables.contracts import KINDS
from receivables.sources.grids import TOP_ROWS, Book
from receivables.sources.layouts import Layout, Sources
from receivables.sources.proposing.blocks import Block, blocks_of, sheet_pattern, titles
from receivables.sources.proposing.drafting import ASK, Draft, Line, draft
from receivables.sources.proposing.guesses import Reading, readings
from receivables.sources.proposing.pairs import Pair, pairs_of
from receivables.sources.proposing.words import Vocabulary, kind_words
from receivables.sources.proposing.writing import comment, entry, flow, scalar
from receivables.sources.reading import read_file

# A layout asks for no more headings than this, so that a new column changes nothing.
_MOST_ASKED = 8
_SHOWN_SAMPLES = 3


class NothingFoundError(Exception):
    """No table was found in a file, or none that is a paper; the message says what was seen."""


@dataclass
class Proposal:
    """A layout as text with its evidence; `questions` are what only a person can tell."""

    name: str
    label: str
    recognise: Mapping[str, Any]
    drafts: list[Draft]
    left_out: list[str]
    source: str = ""

    @property
    def questions(self) -> list[str]:
        """What a person must still say, each once."""
        return list(dict.fromkeys(q for one in self.drafts for q in one.questions))

    @property
    def kinds(self) -> list[str]:
        """The kinds of the tables, each once."""
        return list(dict.fromkeys(one.kind for one in self.drafts))

    @property
    def text(self) -> str:
        """The YAML with its comments."""
        return "\n".join(self._lines()) + "\n"

    def layout(self, **consts: str) -> Layout:
        """The layout; `consts` stand in for what a person must still say."""
        content = yaml.safe_load(self.text)
        for columns in (content.get("shared", {}), *(t["columns"] for t in content["tables"])):
            for name, value in consts.items():
                if columns.get(name) == ASK:
                    columns[name] = {"const": value}
        return Layout.model_validate({"name": self.name, **content})

    def _lines(self) -> Iterator[str]:
        yield from comment(f"Proposed from {self.source}. Each comment says why; check it, then:")
        yield "#   sidan sources try FILE"
        for question in self.questions:
            yield from comment(f"TO BE ANSWERED: {question}")
        yield f"label: {scalar(self.label)}"
        yield ""
        yield "# A file that shows all of this has this layout."
        yield "recognise:"
        for key, value in self.recognise.items():
            yield f"  {key}: {flow(value)}"
        shared = self._shared()
        if shared:
            yield ""
            yield "# Columns of every table."
            yield "shared:"
            for line in shared:
                yield from entry(line.field, line.spec, line.why, 2)
        yield ""
        yield "tables:"
        for number, made in enumerate(self.drafts):
            if number:
                yield ""
            yield from self._table(made, {line.field for line in shared})
        for remark in self.left_out:
            yield ""
            yield from comment(remark)

    def _shared(self) -> list[Line]:
        """Columns that all tables have alike and that stand once in the file."""
        first, *others = self.drafts
        return [
            line
            for line in first.columns
            if others
            and isinstance(line.spec, dict)
            and "from" not in line.spec
            and line.field != "line_kind"
            and all(any(line == other for other in made.columns) for made in others)
        ]

    def _table(self, made: Draft, shared: set[str]) -> Iterator[str]:
        block, reading = made.block, made.reading
        where = f"sheet {block.grid.name}, " if block.grid.name else ""
        said = f"; words: {', '.join(dict.fromkeys(reading.words))}" if reading.words else ""
        rows = f"{len(block.data)} row(s), {len(block.totals)} of totals"
        yield from comment(
            f"{KINDS[reading.kind].label}: {where}headings in row {block.header.number + 1}, "
            f"{rows}{said}.",
            2,
        )
        yield f"  - kind: {reading.kind}"
        for key, (value, why) in made.settings.items():
            yield from entry(key, value, why, 4)
        yield "    columns:"
        for line in made.columns:
            if line.field not in shared:
                yield from entry(line.field, line.spec, line.why, 6)
        if made.unused:
            yield "      # Not used:"
            for heading, found in made.unused:
                shown = ", ".join(found.samples[:_SHOWN_SAMPLES]) or "empty"
                yield from comment(f"  {heading} ({shown})", 6)


def propose(
    path: Path, book: Book, sources: Sources, kind: str | None = None, chain: str | None = None
) -> Proposal:
    """A layout for a file; `kind` is the only one to think of, `chain` the chain's number.

    Raises:
        NothingFoundError: no table of papers was found.
    """
    known = Vocabulary.of(sources)
    blocks = [block for grid in book.grids for block in blocks_of(grid, known)]
    if not blocks:
        raise NothingFoundError(
            "No row looks like headings with data below it. If the file has a table, write the "
            "layout by hand: docs/add-a-chain.md shows each key."
        )
    pairs = pairs_of(blocks)
    chosen, left_out = _chosen(path, blocks, pairs, known, kind)
    if not chosen:
        raise NothingFoundError(_nothing_fits(blocks, kind))
    drafts = [draft(block, reading, pairs, known, chain) for block, reading in chosen]
    for made in drafts:
        made.settings = {**_place(made, blocks, book), **made.settings}
    main = max(drafts, key=_weight)
    label = next(iter(titles(blocks)), None) or _plain_stem(path)
    recognise = _recognise(main, blocks)
    made = Proposal(_name(path), label, recognise, drafts, left_out, path.name)
    _mend(path, made, main)
    return made


def _weight(made: Draft) -> tuple[bool, float]:
    """The table to recognise a file by: near the top, with many rows, well understood."""
    block = made.block
    return block.header.number < TOP_ROWS, made.reading.score * log2(1 + len(block.data))


def _mend(path: Path, proposal: Proposal, main: Draft) -> None:
    """Read the file as proposed and mend what that shows.

    Rows of totals or notes that came along are named under skip; a table besides the main one of
    which no row is accepted is left out.
    """
    asked = {line.field: "?" for one in proposal.drafts for line in one.columns if line.spec == ASK}
    parts = read_file(path, Sources((proposal.layout(**asked),))).parts
    accepted = {(part.kind, *row) for part in parts for row in _places(part.accepted, "row_no")}
    rejected = {
        (part.kind, *place): reason
        for part in parts
        for place, reason in zip(
            _places(part.rejected, "row"), part.rejected["reason"].to_list(), strict=True
        )
    }
    for made in list(proposal.drafts):
        block, kind, sheet = made.block, made.kind, made.block.grid.name
        stray = [
            row
            for row in (*block.totals, *block.notes)
            if {(kind, sheet, row.number + 1)} & (accepted | rejected.keys())
        ]
        patterns = dict.fromkeys(f"^{stem}" for row in stray if (stem := stem_of(row.first)))
        if patterns:
            made.settings["skip"] = (list(patterns), "rows of totals and notes, not of data")
        keys = [(kind, sheet, row.number + 1) for row in block.data]
        reasons = [rejected[key] for key in keys if key in rejected]
        if made is not main and reasons and not accepted & set(keys):
            proposal.drafts.remove(made)
            proposal.left_out.append(
                f"Not taken: {_named(block)}: read as {kind}, every row is rejected: {reasons[0]}"
            )


def _places(frame: pl.DataFrame, row: str) -> list[tuple[str | None, int]]:
    return list(frame.select("sheet", row).iter_rows())


def _chosen(
    path: Path, blocks: Sequence[Block], pairs: Sequence[Pair], known: Vocabulary, kind: str | None
) -> tuple[list[tuple[Block, Reading]], list[str]]:
    """The tables to take, each with its kind, and why the others are not."""
    found: list[tuple[Block, Reading]] = []
    left_out: list[str] = []
    for block in blocks:
        best = readings(block, known, _titles_of(path, block, blocks), pairs, kind)
        if best:
            found.append((block, best[0]))
        else:
            left_out.append(f"Not taken: {_named(block)}: no kind of paper has such columns.")
    main = max(found, key=lambda one: one[1].score * log2(1 + len(one[0].data)), default=None)
    kept: list[tuple[Block, Reading]] = []
    for block, reading in found:
        reason = _why_not(block, reading, found, main)
        if reason:
            left_out.append(f"Not taken: {_named(block)}: {reason}.")
        elif not any(_same_table(block, reading, other) for other in kept):
            kept.append((block, reading))
    return kept, left_out


def _why_not(
    block: Block,
    reading: Reading,
    found: Sequence[tuple[Block, Reading]],
    main: tuple[Block, Reading] | None,
) -> str | None:
    if main is None or block is main[0]:
        return None
    lacking = [name for name in reading.missing if name not in _TOLD_ABOVE]
    if lacking:
        return f"read as {reading.kind} it lacks {', '.join(lacking)}"
    if len(block.data) == 1 and "fee_name" not in reading.guesses and block.is_first:
        return "one row, taken for labels and values"
    total = _money(block, reading)
    for other, its in found:
        if other is block or its.kind != reading.kind or len(other.data) <= len(block.data):
            continue
        if total and abs(total) == abs(_money(other, its)):
            return f"its {total:,} is the sum of {_named(other)}"
    return None


# What a table need not have itself: it may stand once above it, or in the file's name.
_TOLD_ABOVE = frozenset({"statement_no", "advice_no", "account_no", "line_kind", "receipt_kind"})


def _same_table(block: Block, reading: Reading, other: tuple[Block, Reading]) -> bool:
    """The same headings on another sheet: one table of several sheets."""
    return (
        other[1].kind == reading.kind
        and set(other[0].headings) == set(block.headings)
        and other[0].grid is not block.grid
    )


def _money(block: Block, reading: Reading) -> Decimal:
    heading = reading.heading(reading.contract.money or "")
    numbers = block.profiles[heading].numbers if heading else ()
    return sum((number or Decimal(0) for number in numbers), Decimal(0)).quantize(Decimal("0.01"))


def _titles_of(path: Path, block: Block, blocks: Sequence[Block]) -> str:
    first = next(one for one in blocks if one.grid is block.grid)
    own = [*titles([first]), *(titles([block]) if block is not first else ())]
    return " ".join([path.stem, block.grid.name or "", *own])


def _named(block: Block) -> str:
    sheet = f"sheet {block.grid.name}, " if block.grid.name else ""
    shown = ", ".join(list(block.headings)[:6])
    return f"{sheet}row {block.header.number + 1} ({shown})"


def _nothing_fits(blocks: Sequence[Block], kind: str | None) -> str:
    asked = f"Read as {kind}, no table has the columns needed" if kind else (
        "No kind of paper has the columns of this file"
    )  # fmt: skip
    return f"{asked}. Headings were found in {'; '.join(_named(b) for b in blocks[:3])}."


def _place(made: Draft, blocks: Sequence[Block], book: Book) -> dict[str, tuple[Any, str]]:
    """Where the table stands: its sheets, the rows that mark its start and end, its header."""
    block, settings = made.block, {}
    in_sheet = [one for one in blocks if one.grid is block.grid]
    alike = [
        one.grid.name
        for one in blocks
        if set(one.headings) == set(block.headings) and one.grid.name is not None
    ]
    if len(book.grids) > 1 and alike:
        patterns = list(dict.fromkeys(sheet_pattern(name) for name in alike))
        settings["sheets"] = (patterns[0] if len(patterns) == 1 else patterns, "")
    place = in_sheet.index(block)
    if place:
        mark = _mark(block, in_sheet[place - 1])
        if mark:
            settings["after"] = (mark, "the row above this table")
    if place + 1 < len(in_sheet):
        following = in_sheet[place + 1]
        mark = _mark(following, block) or rf"^{re.escape(following.header.first)}$"
        settings["until"] = (mark, "where the next table begins")
    settings["header"] = (_header(made), "")
    if block.header_rows == 2:
        settings["header_rows"] = (2, "groups of columns in the upper row")
    return settings


def _mark(block: Block, before: Block) -> str | None:
    """A pattern for the row above a table, which no row before it matches."""
    title = next((row for row in block.above if row.filled), None)
    candidates = [title] if title else []
    candidates += list(before.totals[-1:])
    for row in candidates:
        pattern = rf"^{stem_of(row.first)}"
        if stem_of(row.first) and _first_row(block, pattern) == row.number:
            return pattern
    return None


def stem_of(text: str) -> str:
    """The start of a title up to what changes from file to file."""
    found = re.match(r"[^\d:：]{1,20}", text)
    return re.escape(found[0].strip()) if found else ""


def _first_row(block: Block, pattern: str) -> int | None:
    for number, cells in enumerate(block.grid.cells.iter_rows()):
        if any(cell and re.search(pattern, cell.strip()) for cell in cells):
            return number
    return None


def _header(made: Draft) -> list[str]:
    """Headings that mark the header row: those of required fields first."""
    fields, guesses = made.reading.contract.fields, made.reading.guesses.values()
    ordered = sorted(guesses, key=lambda guess: fields[guess.field].is_optional)
    # Of a header of two rows, only what stands under a group tells both rows.
    both = [guess.heading for guess in ordered if "/" in guess.heading]
    headings = list(dict.fromkeys([*both[:2], *(guess.heading for guess in ordered)]))[:4]
    return headings if len(headings) > 1 else list(made.block.headings)[:4]


def _recognise(main: Draft, blocks: Sequence[Block]) -> dict[str, Any]:
    """What a file must show: the headings that were understood, and its title."""
    guessed = [guess.heading for guess in main.reading.guesses.values()]
    block = main.block
    order = [h for h in block.headings if h in guessed] + [
        h for h in block.headings if h not in guessed
    ]
    least = max(3, min(len(guessed), _MOST_ASKED))
    asked: dict[str, Any] = {"headings": order[:least]}
    title = _title(main, blocks)
    if title:
        asked["title"] = title
    return asked


def _title(main: Draft, blocks: Sequence[Block]) -> str | None:
    """The words of a title that name the paper; figures and dates change."""
    for text in titles([one for one in blocks if one.header.number < TOP_ROWS]):
        if not kind_words(main.kind, text):
            continue
        parts = re.split(r"[\d\s:：()（）/-]+|年|月|日", text)
        longest = max(parts, key=len)
        if len(longest) >= 4:
            return re.escape(longest)
    return None


def _plain_stem(path: Path) -> str:
    return re.sub(r"[_\W\d]+", " ", path.stem).strip() or path.stem


def _name(path: Path) -> str:
    """A file name for the layout: the words of the paper's own, without dates and numbers."""
    parts = re.findall(r"[A-Za-z]+|[\u4e00-\u9fff]+", path.stem)
    return "_".join(part for part in parts if part not in ("年", "月", "日")).lower() or "proposal"
