"""Where a table of a proposal stands, and what a file must show to be recognised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import log2
from typing import Any

from receivables.sources.grids import TOP_ROWS, Book
from receivables.sources.proposing.blocks import Block, sheet_pattern, titles
from receivables.sources.proposing.drafting import Draft
from receivables.sources.proposing.words import kind_words

# A layout asks for no more headings than this, so that a new column changes nothing.
_MOST_ASKED = 8


def weight(made: Draft) -> tuple[bool, float]:
    """The table to recognise a file by: near the top, with many rows, well understood."""
    block = made.block
    return block.header.number < TOP_ROWS, made.reading.score * log2(1 + len(block.data))


def place_of(made: Draft, blocks: Sequence[Block], book: Book) -> dict[str, tuple[Any, str]]:
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


def recognition_of(main: Draft, blocks: Sequence[Block]) -> dict[str, Any]:
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
