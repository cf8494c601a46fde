"""Values and texts as nobody should send them: read, or refused with a sentence."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from receivables.sources import Sources, read_file

from .bad_files import (
    HEAD,
    HEADINGS,
    cell,
    saved,
    told,
    xlsx_of,
)
from .forms import FILES

TEXTS = [
    ("order_date", "1900-01-01", "not plausible"),
    ("order_date", "9999-12-31", "not plausible"),
    ("order_date", "1", "not a date"),
    ("amount", "NaN", "not an amount"),
    ("amount", "inf", "not an amount"),
    ("amount", "-Infinity", "not an amount"),
    ("amount", "1e400", "not an amount"),
    ("amount", "1.005", "at most two decimals"),
    ("amount", "10000000000000000", ""),
]


@pytest.mark.parametrize(("field", "value", "sentence"), TEXTS)
def test_values_beyond_reason_are_rejected(tmp_path, field, value, sentence):
    line = {"order_date": "2026-05-01", "amount": "5"} | {field: value}
    text = f"{HEAD}C,1,P1,{line['order_date']},{line['amount']}\nC,1,P2,2026-05-01,5\n"
    (part,) = read_file(saved(tmp_path, text.encode(), "orders.csv"), Sources()).parts
    assert (part.accepted["order_no"].to_list(), part.rejected["field"].to_list()) == (
        ["P2"], [field],
    )  # fmt: skip
    assert sentence in part.rejected["reason"][0]


@pytest.mark.parametrize("value", ["999999999999999.99", "1000000000000000.00"])
def test_amounts_of_a_thousand_million_million_keep_every_cent(tmp_path, value):
    text = f"{HEAD}C,1,P1,2026-05-01,{value}\n"
    (part,) = read_file(saved(tmp_path, text.encode(), "orders.csv"), Sources()).parts
    assert part.amount_in == Decimal(value)


def test_numbers_that_are_no_numbers_in_a_workbook_are_rejected(tmp_path):
    cells = cell("A2", "C") + cell("B2", 1) + cell("C2", "P1") + cell("D2", "2026-05-01")
    rows = f'{HEADINGS}<row r="2">{cells}<c r="E2"><v>NaN</v></c></row>'
    (part,) = read_file(xlsx_of(tmp_path, rows), Sources()).parts
    assert (part.rejected["field"].to_list(), part.accepted.height) == (["amount"], 0)


def test_a_quotation_mark_that_is_not_closed_swallows_nothing(tmp_path):
    lines = [f"C,1,P{n},2026-05-01,5" for n in range(500)]
    lines[100] = 'C,1,"P100,2026-05-01,5'
    path = saved(tmp_path, (HEAD + "\n".join(lines)).encode(), "orders.csv")
    assert "A quotation mark in row 102 is not closed" in told(path)


def test_a_text_of_one_endless_line_is_refused(tmp_path):
    assert told(saved(tmp_path, b"a" * 3_000_000))
    assert told(saved(tmp_path, b"a," * 3_000_000))


def test_a_reader_that_falls_takes_nothing_along(tmp_path):
    """A few bytes that say a sheet is as large as the world."""
    data = bytearray((FILES / "orders.xls").read_bytes())
    start = data.index(b"\x00\x02\x0e\x00")  # the record of a sheet's extent
    data[start + 4 : start + 16] = b"\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00\xff\xff"
    parsed = read_file(saved(tmp_path, bytes(data), "orders.xls"), Sources())
    assert parsed.message


def test_reading_apart_needs_nothing_but_its_libraries(tmp_path):
    """The program that reads old workbooks starts without the rest of the product."""
    from receivables import spreadsheets

    done = subprocess.run(
        [sys.executable, "-I", spreadsheets.__file__, str(FILES / "orders.xls"), str(tmp_path)],
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [sheet.name for sheet in spreadsheets.written(tmp_path)] == ["订单", "备用"]
