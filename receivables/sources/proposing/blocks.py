"""Finding the tables of an unknown sheet: header rows, data, totals and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from receivables.sources.blocks import header_at
from receivables.sources.grids import Grid, headings_in, normalised
from receivables.sources.proposing.profile import Profile, profile
from receivables.sources.proposing.words import Vocabulary, words

# Enough rows to know a table by; a proposal need not read a million.
MOST_ROWS = 20_000
_FIRST_HEADER_WITHIN = 60
_TOTAL = re.compile(r"^.{0,8}?[小合总共累]\s*计.{0,8}$")
_NUMBER = re.compile(r"^[-+(（¥￥]*[\d,，.．０-９]+[%)）元-]*$")
_DAY = re.compile(r"^(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}")
_CODE = re.compile(r"^(?=.*\d)[A-Za-z0-9_/-]{5,}$")

Cells = tuple[str | None, ...]


@dataclass(frozen=True)
class Row:
    """A row of a sheet: `number` from 0, and its trimmed cells."""

    number: int
    cells: Cells

    @property
    def filled(self) -> list[str]:
        """The filled cells."""
        return [cell for cell in self.cells if cell]

    @property
    def first(self) -> str:
        """The first filled cell."""
        return next(iter(self.filled), "")


@dataclass(frozen=True)
class Block:
    """One table of a sheet: what stands above it, its headings, and its rows by what they are.

    `header` is the first of one or two `header_rows`.
    """

    grid: Grid
    header: Row
    header_rows: Literal[1, 2]
    above: tuple[Row, ...]
    data: tuple[Row, ...]
    totals: tuple[Row, ...]
    notes: tuple[Row, ...]
    is_first: bool
    is_last: bool

    @cached_property
    def headings(self) -> Mapping[str, int]:
        """Headings as a layout names them, with their places."""
        if self.header_rows == 2:
            both = header_at(self.grid, self.header.number, 2)
            named = {place: name for name, place in both.items()}
            return {named[place]: place for place in sorted(named)}
        places = headings_in(self.header.cells)
        return {_as_written(self.header.cells[p], key): p for key, p in places.items()}

    @cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """The values below each heading."""
        return {
            heading: profile([row.cells[place] for row in self.data])
            for heading, place in self.headings.items()
        }

    def column(self, heading: str) -> list[str | None]:
        """The data cells below a heading, row by row."""
        place = self.headings[heading]
        return [row.cells[place] for row in self.data]


def blocks_of(grid: Grid, known: Vocabulary) -> list[Block]:
    """The tables of a sheet, from top to bottom."""
    rows = [
        Row(number, tuple(_trimmed(cell) for cell in cells))
        for number, cells in enumerate(grid.cells.head(MOST_ROWS).iter_rows())
    ]
    headers = _headers(rows, known)
    blocks: list[Block] = []
    start = 0
    for place, header in enumerate(headers):
        count = _header_rows(rows, header)
        begin = header.number + count
        end = headers[place + 1].number if place + 1 < len(headers) else len(rows)
        body, end = _split(rows[begin:end], end, is_last=place + 1 == len(headers))
        data, totals, notes = _sorted_out(rows[header.number : begin], body)
        above = tuple(row for row in rows[start : header.number] if row.filled)
        blocks.append(
            Block(
                grid,
                header,
                count,
                above,
                tuple(data),
                tuple(totals),
                tuple(notes),
                place == 0,
                place + 1 == len(headers),
            )
        )
        start = end
    return blocks


def is_wordy(cell: str) -> bool:
    """Whether a cell can be a heading: words, neither figure nor date nor identifier."""
    return not (
        len(cell) > 30
        or _NUMBER.match(cell)
        or _DAY.match(cell)
        or _CODE.match(cell)
        or re.search(r"[:：]\s*\S", cell)
    )


def is_total(row: Row) -> bool:
    """Whether a row sums others up."""
    return any(_TOTAL.match(cell) and len(cell) <= 12 for cell in row.filled[:3])


def _headers(rows: Sequence[Row], known: Vocabulary) -> list[Row]:
    """The header rows: the one that looks most like one, and all that are of known headings."""
    scores = {row.number: _header_score(rows, row, known) for row in rows[:_FIRST_HEADER_WITHIN]}
    best = max(scores, key=lambda number: (scores[number], -number), default=0)
    if not rows or scores[best] <= 0:
        return []
    found = [row for row in rows if row.number == best or _is_sure(rows, row, known)]
    kept: list[Row] = []
    for row in found:
        first = rows[row.number - 1] if row.number and _spans(rows, row.number - 1) else row
        if any(first.cells == other.cells or row.number == other.number + 1 for other in kept):
            continue  # the header of another page, or the second row of this one
        kept.append(first)
    return kept


def _header_rows(rows: Sequence[Row], header: Row) -> Literal[1, 2]:
    return 2 if _spans(rows, header.number) else 1


def _spans(rows: Sequence[Row], number: int) -> bool:
    """Whether a row is the upper one of a header of two: groups, and headings over both rows."""
    if number + 2 >= len(rows):
        return False
    upper, lower = rows[number], rows[number + 1]
    alone = [u for u, low in zip(upper.cells, lower.cells, strict=True) if u and not low]
    below = [low for u, low in zip(upper.cells, lower.cells, strict=True) if low and not u]
    return (
        len(upper.filled) >= 3
        and len(lower.filled) >= 2
        and bool(alone)
        and bool(below)
        and all(map(is_wordy, (*upper.filled, *lower.filled)))
        and not is_total(lower)
        and any(not is_wordy(cell) for cell in rows[number + 2].filled)
    )


def _header_score(rows: Sequence[Row], row: Row, known: Vocabulary) -> float:
    filled = row.filled
    words_count = sum(map(is_wordy, filled))
    if len(filled) < 2 or words_count < 0.9 * len(filled) or len(set(filled)) < 0.7 * len(filled):
        return 0
    if is_total(row) or not _is_followed(rows, row):
        return 0
    return len(filled) + 3 * sum(map(known.is_known, filled))


def _is_sure(rows: Sequence[Row], row: Row, known: Vocabulary) -> bool:
    """Whether a row is a header wherever it stands: known headings, or many words over figures."""
    filled = row.filled
    if len(filled) < 3 or _header_score(rows, row, known) <= 0:
        return False
    if sum(map(known.is_known, filled)) >= 0.6 * len(filled):
        return True
    following = next((other for other in rows[row.number + 1 :] if other.filled), None)
    return (
        len(filled) >= 5
        and all(map(is_wordy, filled))
        and following is not None
        and sum(not is_wordy(cell) for cell in following.filled) >= 2
        and not any(map(known.is_known, following.filled))
    )


def _is_followed(rows: Sequence[Row], row: Row) -> bool:
    """Whether one of the next rows fills these columns with at least one figure or identifier."""
    places = [place for place, cell in enumerate(row.cells) if cell]
    below = [other for other in rows[row.number + 1 : row.number + 8] if other.filled][:4]
    for other in below:
        under = [cell for place in places if (cell := other.cells[place])]
        typed = [cell for cell in under if not is_wordy(cell)]
        if typed and len(under) >= 0.4 * len(places) and len(under) >= 2:
            return True
    return False


def _split(body: list[Row], end: int, *, is_last: bool) -> tuple[list[Row], int]:
    """The rows of a table without the titles of the next, and where those begin."""
    if is_last:
        return body, end
    while body and not (len(body[-1].filled) > 2 and _has_figure(body[-1])):
        if is_total(body[-1]):
            break
        end = body.pop().number
    return body, end


def _sorted_out(
    header: Sequence[Row], body: Sequence[Row]
) -> tuple[list[Row], list[Row], list[Row]]:
    """Data, totals and notes; empty rows and repeated headings are neither."""
    width = max(len(row.filled) for row in header)
    repeated = {row.cells for row in header}
    data, totals, notes = [], [], []
    for row in body:
        if not row.filled or row.cells in repeated:
            continue
        if is_total(row):
            totals.append(row)
        elif _is_note(row, width):
            notes.append(row)
        else:
            data.append(row)
    return data, totals, notes


def _is_note(row: Row, width: int) -> bool:
    if _has_figure(row):
        return False
    sparse = len(row.filled) <= max(1, width // 3)
    return sparse or row.first.startswith(tuple(words()["notes"]))


def _has_figure(row: Row) -> bool:
    return any(_NUMBER.match(cell) for cell in row.filled)


def _trimmed(cell: str | None) -> str | None:
    return (cell.strip() or None) if cell else None


def _as_written(cell: str | None, key: str) -> str:
    """The heading as the file has it, on one line; a repeated one keeps its #2."""
    plain = re.sub(r"\s+", "" if re.search(r"[\u4e00-\u9fff]", cell or "") else " ", cell or "")
    number = re.search(r"#\d+$", key)
    return plain + number[0] if number and normalised(plain) != key else plain


def sheet_pattern(name: str) -> str:
    """A sheet's name with * for the figures that change: 5月结算 is *月结算."""
    plain = re.sub(r"([\[\]?*])", r"[\1]", name.strip())
    return re.sub(r"\d+", "*", plain)


def titles(blocks: Sequence[Block]) -> Iterator[str]:
    """Lone texts above tables."""
    for block in blocks:
        for row in block.above:
            if len(row.filled) <= 2:
                yield from (cell for cell in row.filled if is_wordy(cell) or "：" not in cell)
