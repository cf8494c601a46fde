"""A table gives the same rows, whatever stands around and between them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from receivables.sources import Layout
from receivables.sources.acceptance import accept
from receivables.sources.blocks import in_blocks
from receivables.sources.grids import Book, grid_of
from receivables.sources.layouts import Sources
from receivables.sources.recognition import recognise
from receivables.sources.tables import taken_by
from receivables.sources.totals import file_totals

from .conftest import SEED

HEADER = ["门店", "单号", "类型", "金额（元）", "备注"]
TITLES = [
    ["某链供应商对账单"],
    [None, None, "结算期间：2026-08-01 至 2026-08-31"],
    ["供应商：甲", None, None, None, "第 1 页"],
    ["单位：元", "打印日期", "2026-08-31"],
    [],
]
NOTES = [["注：请在三日内核对"], ["制表人：甲", None, "复核：乙"], ["第 2 页 共 2 页"], []]
COLUMNS = {
    "chain_id": {"const": "C"},
    "statement_no": {"const": "S1"},
    "line_no": {"const": "1"},
    "receipt_no": "单号",
    "line_kind": {"from": "类型", "map": {"验收": "receipt", "调整": "adjustment"}},
    "amount": {"from": "金额", "unit": "stated"},
}


def layout(**table: object) -> Layout:
    blocks = table.pop("blocks", None)
    columns = COLUMNS | {"store_code": table.pop("store_code")}
    return Layout.model_validate(
        {
            "name": "test",
            "label": "test",
            "recognise": {"headings": ["单号", "类型", "金额"]},
            "blocks": blocks,
            "tables": [{"kind": "statements", "columns": columns, **table}],
        }
    )


MERGED = layout(store_code={"from": "门店", "part": "code"}, fill_down="门店")
BLOCKS = layout(store_code={"beside": "结算门店", "part": "code"}, blocks="^结算门店")


@dataclass(frozen=True)
class Line:
    store: str
    number: str
    kind: str
    cents: int

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents) / 100

    def cells(self, *, store: bool) -> list[str | None]:
        name = f"{self.store}（{self.store}号店）" if store else None
        return [name, self.number, self.kind, f"{self.amount:,.2f}", None]


stores = st.lists(st.from_regex(r"0[0-9]{3}", fullmatch=True), min_size=1, max_size=4, unique=True)
kinds = st.sampled_from(["验收", "调整"])
cents = st.integers(-(10**9), 10**11)


@st.composite
def groups(draw: st.DrawFn) -> list[list[Line]]:
    """Lines by store; numbers may repeat, as lines of one paper do."""
    return [
        [
            Line(store, f"{draw(st.integers(0, 99)):08d}", draw(kinds), draw(cents))
            for _ in range(draw(st.integers(1, 5)))
        ]
        for store in draw(stores)
    ]


def total(label: str, lines: list[Line], *, first: bool) -> list[str | None]:
    cells: list[str | None] = [None] * 5
    cells[0 if first else 1] = label
    cells[3] = f"{sum((line.amount for line in lines), Decimal(0)):,.2f}"
    return cells


def noise(draw: st.DrawFn) -> list[list[str | None]]:
    """What a printed page puts between two lines, most often nothing."""
    page = [*TITLES[: draw(st.integers(1, len(TITLES)))], HEADER]
    return draw(st.sampled_from([[], [], [], [[]], [HEADER], page]))


@st.composite
def merged_sheet(draw: st.DrawFn) -> tuple[list[list[str | None]], list[Line]]:
    """One table for all stores, each store's name on its first line only."""
    by_store = draw(groups())
    rows = [*TITLES, HEADER]
    has_subtotals, first = draw(st.booleans()), draw(st.booleans())
    for lines in by_store:
        for number, line in enumerate(lines):
            rows += [line.cells(store=number == 0), *noise(draw)]
        if has_subtotals:
            rows += [total("小计", lines, first=first), *noise(draw)]
    every = [line for lines in by_store for line in lines]
    if draw(st.booleans()):
        rows.append(
            total(draw(st.sampled_from(["合计", "总 计：", "本期合计"])), every, first=True)
        )
    return [*rows, *NOTES[: draw(st.integers(0, len(NOTES)))]], every


@st.composite
def sheet_of_blocks(draw: st.DrawFn) -> tuple[list[list[str | None]], list[Line]]:
    """A block per store with its name above its own table."""
    by_store = draw(groups())
    rows: list[list[str | None]] = [*TITLES[: draw(st.integers(0, len(TITLES)))]]
    for lines in by_store:
        rows += [
            [f"结算门店：{lines[0].store}({lines[0].store}号店)"],
            *[[]] * draw(st.integers(0, 2)),
        ]
        rows.append(HEADER)
        for line in lines:
            rows += [line.cells(store=False), *draw(st.sampled_from([[], [[]], [HEADER]]))]
        rows += draw(st.sampled_from([[], [total("小计", lines, first=True)], NOTES]))
    return rows, [line for lines in by_store for line in lines]


def hold(rows: list[list[str | None]], lines: list[Line], expected: Layout) -> None:
    """The lines, and nothing else, are read of the rows; every printed total is theirs."""
    book = Book((grid_of("S", rows),))
    found = recognise(book, Sources((expected,)))
    book = in_blocks(book, found)
    taken, messages = taken_by(Path("x.xlsx"), book, found)
    parts = [accept(each.draft) for each in taken]
    assert messages == []
    assert [part.rejected["reason"].to_list() for part in parts] == [[] for _ in parts]
    read = pl.concat([part.accepted for part in parts])
    assert read.select("store_code", "receipt_no", "amount").rows() == [
        (line.store, line.number, line.amount) for line in lines
    ]
    shown = [row for row in rows if any("计" in (cell or "") for cell in row)]
    totals = file_totals(book, found, taken)
    assert totals.height == len(shown)
    assert (totals["printed"] == totals["summed"]).all()
    numbers = [(i, (row + [None] * 5)[1]) for i, row in enumerate(rows, start=1)]
    assert all(dict(numbers)[row] == number for row, number in read["row_no", "receipt_no"].rows())


@seed(SEED)
@settings(max_examples=80, deadline=None)
@given(merged_sheet())
def test_one_table_of_several_stores(sheet):
    hold(*sheet, MERGED)


@seed(SEED)
@settings(max_examples=80, deadline=None)
@given(sheet_of_blocks())
def test_a_block_per_store(sheet):
    hold(*sheet, BLOCKS)


@seed(SEED)
@settings(max_examples=60, deadline=None)
@given(merged_sheet(), st.data())
def test_a_line_that_is_lost_shows_in_the_totals(sheet, data):
    rows, lines = sheet
    total_rows = [n for n, row in enumerate(rows) if any("计" in (c or "") for c in row[:2])]
    places = [n for n, row in enumerate(rows) if len(row) == 5 and row[2] in ("验收", "调整")]
    lost = data.draw(st.integers(0, len(lines) - 1))
    if not total_rows or lines[lost].cents == 0 or rows[places[lost]][0] is not None:
        return
    rows = [row for n, row in enumerate(rows) if n != places[lost]]
    book = Book((grid_of("S", rows),))
    taken, _ = taken_by(Path("x.xlsx"), book, MERGED)
    totals = file_totals(book, MERGED, taken)
    assert not (totals["printed"] == totals["summed"]).all()
