"""The cover: key figures, the tie-out, small tables, contents and charts on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.pagebreak import Break

from receivables.workbook.charts import between, native_chart
from receivables.workbook.model import (
    Block,
    Column,
    KeyFigure,
    Kind,
    Label,
    Language,
    Pack,
    TieOut,
)
from receivables.workbook.styles import (
    BAD,
    BAD_FILL,
    BRAND,
    GOOD,
    GOOD_FILL,
    LINK,
    MUTED,
    NUMBERS,
    PALE,
    TEXTS,
    Look,
    Page,
    put,
)
from receivables.workbook.tables import COVER, Taken, link_to, set_up_page
from receivables.workbook.text import number, serial, shown, width_of

GRID = 10  # columns of the cover between its margins, all of one width
FIRST = 2  # the first of them
WIDTH = 15.5
ROW_HEIGHT = 15.0
PAGE_HEIGHT = 1180.0  # points of the cover that a page takes, portrait and fitted to its width

_AS_OF = Label("截至 {}（含）", "as of {} (inclusive)")
_POLICY = Label("政策版本 {}", "policy {}")
_UNIT = Label("金额单位：元（含税）", "amounts in CNY, tax included")
_TIE_OUT = Label("勾稽核对", "Tie-out")
_TIE_HEADINGS = (
    Label("核对项目", "What must be equal"),
    Label("左方", "Left"),
    Label("右方", "Right"),
    Label("差额", "Difference"),
    Label("结果", "Result"),
)
_ALL_TIE = Label("全部相符", "everything ties")
_NOT_ALL = Label("有 {} 项不符", "{} do not tie")
_TIES, _DIFFERS = Label("✓ 相符", "✓ ties"), Label("✗ 不符", "✗ differs")
_CONTENTS = Label("目录", "Contents")
_SHEET, _ROWS, _WHAT = (
    Label("工作表", "Sheet"),
    Label("行数", "Rows"),
    Label("内容", "What it shows"),
)
_MORE = Label("…另有 {} 行", "… and {} more")


class Cover:
    """Writes the cover top down; `row` is the next free row."""

    def __init__(self, book: Workbook, pack: Pack, language: Language) -> None:
        self.pack = pack
        self.language: Language = language
        self.row = 1
        page: Page = book.active
        self.page = page
        page.title = COVER.say(language)
        page.column_dimensions["A"].width = 2
        for index in range(FIRST, FIRST + GRID):
            page.column_dimensions[get_column_letter(index)].width = WIDTH
        page.column_dimensions[get_column_letter(FIRST + GRID)].width = 2
        set_up_page(page, pack, language, orientation="portrait")

    def write(self, contents: Sequence[tuple[str, str, Taken]], figures: Page | None) -> None:
        """The whole cover; `contents` are title, note and rows of each sheet."""
        self._heading()
        self._key_figures(self.pack.key_figures)
        self._tie_out(self.pack.tie_outs)
        for block in self.pack.blocks:
            self._block(block)
        self._contents(contents)
        if figures is not None:
            self._charts(figures)
        last = get_column_letter(FIRST + GRID)
        self.page.print_area = f"A1:{last}{self.row}"

    def _turn_the_page(self, rows: int) -> None:
        """Begin a printed page where what follows, so many rows tall, finds no room on this one."""
        above = sum(self._height(row) for row in range(1, self.row))
        if above + rows * ROW_HEIGHT > PAGE_HEIGHT:
            self.page.row_breaks.append(Break(id=self.row - 1))

    def _height(self, row: int) -> float:
        return self.page.row_dimensions[row].height or ROW_HEIGHT

    def _heading(self) -> None:
        say = self.language
        self._merged(1, FIRST, GRID, self.pack.title.say(say), _PACK_TITLE)
        self.page.row_dimensions[1].height = 34
        parts = [
            self.pack.company,
            _AS_OF.say(say).format(self.pack.as_of.isoformat()),
            self.pack.subtitle.say(say),
            _UNIT.say(say),
            _POLICY.say(say).format(self.pack.policy_version),
        ]
        text = "  ·  ".join(part for part in parts if part)
        self._merged(2, FIRST, GRID, text, Look(size=10, colour=MUTED))
        self.page.row_dimensions[2].height = 18
        self.row = 4

    def _key_figures(self, figures: Sequence[KeyFigure]) -> None:
        span = GRID // 5
        has_trend = any(figure.trend for figure in figures)
        for start in range(0, len(figures), 5):
            for place, figure in enumerate(figures[start : start + 5]):
                at = FIRST + place * span
                bold = Look(bold=True, size=15, colour=BRAND, fill=PALE, kind=figure.kind)
                label = figure.label.say(self.language)
                self._merged(self.row, at, span, label, _CARD_LABEL)
                self._merged(self.row + 1, at, span, figure.value, _centred(bold))
                self._merged(self.row + 2, at, span, self._change(figure), _CARD_NOTE)
                if has_trend:
                    self._merged(self.row + 3, at, span, sparkline(figure.trend), _CARD_TREND)
            for offset, height in enumerate((20, 28, 18, 20) if has_trend else (20, 28, 18)):
                self.page.row_dimensions[self.row + offset].height = height
            self.row += 5 if has_trend else 4

    def _change(self, figure: KeyFigure) -> str:
        if figure.change is None:
            return ""
        sign = "+" if figure.change > 0 else "±" if figure.change == 0 else ""
        return self.pack.since.say(self.language).format(sign + shown(figure.change, figure.kind))

    def _tie_out(self, ties: Sequence[TieOut]) -> None:
        if not ties:
            return
        wrong = sum(not tie.ties for tie in ties)
        said = (_NOT_ALL if wrong else _ALL_TIE).say(self.language).format(wrong)
        self._section(_TIE_OUT.say(self.language))
        badge = Look(
            bold=True, colour=BAD if wrong else GOOD, fill=BAD_FILL if wrong else GOOD_FILL
        )
        self._merged(self.row - 1, FIRST + GRID - 2, 2, said, _centred(badge))
        spans = (4, 2, 2, 1, 1)
        aligned = ("left", "right", "right", "right", "center")
        for (at, span), label, align in zip(_places(spans), _TIE_HEADINGS, aligned, strict=True):
            look = replace(_BLOCK_HEADING, align=align)
            self._merged(self.row, at, span, label.say(self.language), look)
        self.row += 1
        for tie in ties:
            result = (_TIES if tie.ties else _DIFFERS).say(self.language)
            colour = GOOD if tie.ties else BAD
            values: list[tuple[Any, Look]] = [
                (tie.label.say(self.language), Look(line=True)),
                (tie.left, Look(line=True, kind=tie.kind)),
                (tie.right, Look(line=True, kind=tie.kind)),
                (tie.difference, Look(line=True, kind=tie.kind, colour=colour)),
                (result, Look(line=True, bold=True, colour=colour, align="center")),
            ]
            for (at, span), (value, look) in zip(_places(spans), values, strict=True):
                self._merged(self.row, at, span, value, look)
            self.row += 1
        self.row += 1

    def _block(self, block: Block) -> None:
        self._section(block.title.say(self.language))
        titles = {sheet.name: sheet.title.say(self.language) for sheet in self.pack.sheets}
        if block.sheet in titles:
            self._way(titles[block.sheet])
        if not block.rows:
            self._merged(self.row, FIRST, GRID, block.empty.say(self.language), _PLAIN_NOTE)
            self.row += 2
            return
        spans = _spans(block.columns)
        lines = 1
        for (at, span), column in zip(_places(spans), block.columns, strict=True):
            inset = _is_inset(at, column)
            look = replace(_BLOCK_HEADING, align=_aligned(column), wrap=True, inset=inset)
            label = column.label.say(self.language)
            lines = max(lines, _lines(label, span))
            self._merged(self.row, at, span, label, look)
        if lines > 1:
            self.page.row_dimensions[self.row].height = ROW_HEIGHT * lines
        self.row += 1
        for row in block.rows[: block.most]:
            lines = 1
            for (at, span), column, value in zip(_places(spans), block.columns, row, strict=True):
                said = self._said(column, value)
                lines = max(lines, _lines(said, span))
                look = Look(line=True, kind=column.kind, wrap=True, inset=_is_inset(at, column))
                self._merged(self.row, at, span, said, look)
            if lines > 1:
                self.page.row_dimensions[self.row].height = ROW_HEIGHT * lines
            self.row += 1
        if len(block.rows) > block.most:
            more = _MORE.say(self.language).format(len(block.rows) - block.most)
            self._merged(self.row, FIRST, GRID, more, _PLAIN_NOTE)
            self.row += 1
        self.row += 1

    def _way(self, title: str) -> None:
        """Beside the title just written: where the rows behind a block stand."""
        at = FIRST + GRID - 2
        look = replace(LINK, align="right")
        self._merged(self.row - 1, at, 2, f"→ {title}", look)
        link_to(self.page, f"{get_column_letter(at)}{self.row - 1}", title)

    def _said(self, column: Column, value: Any) -> Any:
        label = (column.codes or {}).get(value) if isinstance(value, str) else None
        return label.say(self.language) if label else value

    def _contents(self, contents: Sequence[tuple[str, str, Taken]]) -> None:
        self._section(_CONTENTS.say(self.language))
        headings = (_SHEET, _ROWS, _WHAT)
        spans = (2, 1, 7)
        for (at, span), label in zip(_places(spans), headings, strict=True):
            look = replace(_BLOCK_HEADING, align="right" if label is _ROWS else "left")
            self._merged(self.row, at, span, label.say(self.language), look)
        self.row += 1
        for title, note, taken in contents:
            cell = get_column_letter(FIRST) + str(self.row)
            self._merged(self.row, FIRST, 2, title, replace(LINK, size=10, line=True))
            link_to(self.page, cell, title)
            self._merged(self.row, FIRST + 2, 1, taken.count, Look(kind=Kind.COUNT, line=True))
            bad = taken.overflow is not None
            look = Look(line=True, wrap=True, bold=bad, colour=BAD if bad else MUTED)
            self._merged(self.row, FIRST + 3, 7, note, look)
            if _lines(note, 7) > 1:
                self.page.row_dimensions[self.row].height = ROW_HEIGHT * _lines(note, 7)
            self.row += 1
        self.row += 1

    def _charts(self, figures: Page) -> None:
        tall = 18
        top = 1
        self._turn_the_page(tall * -(-len(self.pack.charts) // 2))
        for index, chart in enumerate(self.pack.charts):
            native = native_chart(chart, figures, top, self.language)
            left = FIRST + (GRID // 2) * (index % 2)
            native.anchor = between(left, self.row, left + GRID // 2, self.row + tall - 1)
            self.page.add_chart(native)
            if index % 2 == 1:
                self.row += tall
            top += len(chart.rows) + 3
        if len(self.pack.charts) % 2:
            self.row += tall

    def _section(self, text: str) -> None:
        self._merged(self.row, FIRST, GRID - 2, text, Look(bold=True, size=12, colour=BRAND))
        self.page.row_dimensions[self.row].height = 22
        self.row += 1

    def _merged(self, row: int, column: int, span: int, value: Any, look: Look) -> None:
        look = replace(look, zeros=True)
        if look.kind in NUMBERS and value is not None and not isinstance(value, str):
            value = value if number(value) is not None else shown(value, look.kind)
        if isinstance(value, date) and serial(value) is None:
            value = value.isoformat()
        put(self.page, row, column, value, look)
        for offset in range(1, span):
            put(self.page, row, column + offset, None, look)
        if span > 1:
            first, last = get_column_letter(column), get_column_letter(column + span - 1)
            self.page.merged_cells.add(f"{first}{row}:{last}{row}")


_PACK_TITLE = Look(bold=True, size=20, colour=BRAND)
_CARD_LABEL = Look(size=10, colour=MUTED, fill=PALE, align="center")
_CARD_NOTE = Look(size=9, colour=MUTED, fill=PALE, align="center")
_CARD_TREND = Look(size=10, colour=BRAND, fill=PALE, align="center")
_PLAIN_NOTE = Look(size=10, colour=MUTED)
_BLOCK_HEADING = Look(bold=True, colour=BRAND, fill=PALE, align="center")


_BARS = "▁▂▃▄▅▆▇█"
_MOST_BARS = 16


def sparkline(values: Sequence[Decimal | int]) -> str:
    """The course of a figure as bars between its lowest and its highest; empty for one value."""
    if len(values) < 2:
        return ""
    every = -(-len(values) // _MOST_BARS)
    shown = list(values)[::-1][::every][::-1]  # the newest always stands
    low, high = min(shown), max(shown)
    if low == high:
        return _BARS[0] * len(shown)
    return "".join(_BARS[int((value - low) * (len(_BARS) - 1) / (high - low))] for value in shown)


def _aligned(column: Column) -> str:
    """A heading stands over its values."""
    if column.kind in NUMBERS:
        return "right"
    return "center" if column.kind is Kind.DAY else "left"


def _is_inset(at: int, column: Column) -> bool:
    """A text beside another column keeps off it."""
    return at > FIRST and column.kind in TEXTS


def _centred(look: Look) -> Look:
    return replace(look, align="center")


def _places(spans: Sequence[int]) -> list[tuple[int, int]]:
    """First column and width of each cell of a row whose cells span these many columns."""
    starts = [FIRST + sum(spans[:index]) for index in range(len(spans))]
    return list(zip(starts, spans, strict=True))


def _spans(columns: Sequence[Column]) -> list[int]:
    """Grid columns for each column of a block: what is left over goes to the last text."""
    spans = [1] * len(columns)
    texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
    money = [index for index, column in enumerate(columns) if column.kind is Kind.MONEY]
    spare = GRID - len(columns)
    for index in texts[:1]:
        spans[index] += min(spare, 1)
    spare = GRID - sum(spans)
    if texts:
        spans[texts[-1]] += spare
    elif money:
        spans[money[-1]] += spare
    else:
        spans[-1] += spare
    return spans


def _lines(value: Any, span: int) -> int:
    if not isinstance(value, str):
        return 1
    room = int(span * WIDTH * 0.92)
    return sum(max(1, -(-width_of(line) // room)) for line in value.split("\n"))
