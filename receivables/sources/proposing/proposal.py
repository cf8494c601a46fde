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
from receivables.sources.grids import Book
from receivables.sources.layouts import Layout, Sources
from receivables.sources.proposing.blocks import Block, blocks_of, titles
from receivables.sources.proposing.drafting import ASK, Draft, Line, draft
from receivables.sources.proposing.guesses import Reading, readings
from receivables.sources.proposing.pairs import Pair, pairs_of
from receivables.sources.proposing.placing import place_of, recognition_of, stem_of, weight
from receivables.sources.proposing.words import Vocabulary
from receivables.sources.proposing.writing import comment, entry, flow, scalar
from receivables.sources.reading import read_file

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
        made.settings = {**place_of(made, blocks, book), **made.settings}
    main = max(drafts, key=weight)
    label = next(iter(titles(blocks)), None) or _plain_stem(path)
    recognise = recognition_of(main, blocks)
    made = Proposal(_name(path), label, recognise, drafts, left_out, path.name)
    _mend(path, made, main)
    return made


def _mend(path: Path, proposal: Proposal, main: Draft) -> None:
    """Read the file as proposed and mend what that shows.

    Rows of totals or notes that came along are named under skip; a table besides the main one of
    which no row is accepted is left out.
    """
    asked = {line.field: "?" for one in proposal.drafts for line in one.columns if line.spec == ASK}
    parsed = read_file(path, Sources((proposal.layout(**asked),)))
    parts = parsed.parts
    accepted = {(part.kind, *row) for part in parts for row in _places(part.accepted, "row_no")}
    rejected = {
        (part.kind, *place): reason
        for part in parts
        for place, reason in zip(
            _places(part.rejected, "row"), part.rejected["reason"].to_list(), strict=True
        )
    }
    off = {
        (kind, sheet, row)
        for kind, sheet, row, printed, summed in parsed.totals.select(
            "kind", "sheet", "row", "printed", "summed"
        ).iter_rows()
        if printed != summed
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
        if "where" in made.settings and off & {(kind, sheet, t.number + 1) for t in block.totals}:
            made.settings["totals"] = (False, "the totals count rows that are left out here")
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
    found = _with_their_fees(path, found, blocks, pairs, known) if kind is None else found
    main = max(found, key=lambda one: one[1].score * log2(1 + len(one[0].data)), default=None)
    kept: list[tuple[Block, Reading]] = []
    for block, reading in found:
        reason = _why_not(block, reading, found, main)
        if reason:
            left_out.append(f"Not taken: {_named(block)}: {reason}.")
        elif not any(_same_table(block, reading, other) for other in kept):
            kept.append((block, reading))
    return kept, left_out


def _with_their_fees(
    path: Path,
    found: Sequence[tuple[Block, Reading]],
    blocks: Sequence[Block],
    pairs: Sequence[Pair],
    known: Vocabulary,
) -> list[tuple[Block, Reading]]:
    """Receipts that stand in one file with fees are the lines of a statement."""
    if not any(one.kind == "statements" and "fee_name" in one.guesses for _, one in found):
        return list(found)
    again: list[tuple[Block, Reading]] = []
    for block, reading in found:
        titled = _titles_of(path, block, blocks)
        as_lines = (
            readings(block, known, titled, pairs, "statements")
            if reading.kind == "goods_receipts"
            else []
        )
        again.append((block, as_lines[0] if as_lines else reading))
    return again


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
_TOLD_ABOVE = frozenset(
    {"statement_no", "advice_no", "account_no", "line_kind", "receipt_kind", "notice_kind"}
)


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


def _plain_stem(path: Path) -> str:
    return re.sub(r"[_\W\d]+", " ", path.stem).strip() or path.stem


def _name(path: Path) -> str:
    """A file name for the layout: the words of the paper's own, without dates and numbers."""
    parts = re.findall(r"[A-Za-z]+|[\u4e00-\u9fff]+", path.stem)
    return "_".join(part for part in parts if part not in ("年", "月", "日")).lower() or "proposal"
