"""What papers say without printing it: joined identifiers, reckoned amounts, gathered documents."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.sources import LayoutError, Parsed, Sources, read_file
from receivables.sources.derived import joined, zero_padded

ORDERS = """
label: orders
recognise: { headings: [单号, 数量, 进价] }
tables:
  - kind: orders
    columns:
      chain_id: { const: C }
      store_code: { from: 门店, digits: 4 }
      order_no: 单号
      order_date: { const: "2026-08-01" }
      quantity: 数量
      unit_price: 进价
      amount: { from: 金额, else: { reckoned: quantity * unit_price } }
"""
INVOICES = """
label: invoices
recognise: { headings: [号码, 购方, 金额, 税额] }
tables:
  - kind: invoices
    gather: true
    fill_down: [号码, 购方]
    columns:
      invoice_no: 号码
      buyer_name: 购方
      issued_on: { const: "2026-08-01" }
      amount_excl_tax: 金额
      tax: 税额
      amount: { reckoned: amount_excl_tax + tax }
"""


@pytest.fixture
def read(tmp_path: Path, workbook):
    def run(layout: str, rows) -> Parsed:
        folder = tmp_path / "sources"
        folder.mkdir(exist_ok=True)
        (folder / "test.yaml").write_text(textwrap.dedent(layout), encoding="utf-8")
        return read_file(workbook("x.xlsx", {"S": rows}), Sources.read(folder))

    return run


def column(parsed: Parsed, name: str) -> list[object]:
    return parsed.parts[0].accepted[name].to_list()


def test_one_entry_has_one_number_however_its_export_is_written():
    text = joined(
        [
            pl.Series(["2026-05-20", "20260520", "2026/5/20", "2026-05-20 00:00:00", None]),
            pl.Series(["1,000.00", "1000", "￥１，０００．０", "1000.000", None]),
            pl.Series(["甲", "甲", " 甲", "甲", None]),
        ]
    )
    assert text.to_list() == ["20260520-1000-甲"] * 4 + [None]


def test_entries_of_other_times_or_balances_are_others():
    times = pl.Series(["20260520 09:00:17", "20260520 09:00:18", "20260520 09:00:17"])
    balances = pl.Series(["1.00", "1.00", "1.01"])
    assert joined([times, balances]).n_unique() == 3


def test_leading_zeros_come_back_to_numbers_only():
    text = pl.Series(["12", "0012", "A12", "12345", None])
    assert zero_padded(text, 4).to_list() == ["0012", "0012", "A12", "12345", None]


def test_an_amount_follows_from_quantity_and_price_unless_it_is_stated(read):
    rows = [
        ["单号", "门店", "数量", "进价", "金额"],
        ["P1", 1, 6, 90.2499, None],
        ["P2", "0002", 6, 90.2499, "541.00"],
        ["P3", 3, None, 5, None],
    ]
    parsed = read(ORDERS, rows)
    assert column(parsed, "amount") == [Decimal("541.50"), Decimal("541.00")]
    assert column(parsed, "store_code") == ["0001", "0002"]
    assert parsed.parts[0].rejected["reason"].to_list() == ["amount (金额) is missing."]


def test_lines_add_up_to_their_invoice(read):
    rows = [
        ["号码", "购方", "商品", "金额", "税额"],
        ["04512877", "甲", "奶", 100, 13],
        [None, None, "奶", -10, -1.3],
        ["04512878", "乙", "酪", 50, 6.5],
    ]
    part = read(INVOICES, rows).parts[0]
    assert (part.rows_in, part.amount_in) == (2, Decimal("158.20"))
    assert part.accepted.select("row_no", "invoice_no", "buyer_name", "amount").rows() == [
        (2, "04512877", "甲", Decimal("101.70")),
        (4, "04512878", "乙", Decimal("56.50")),
    ]


def test_an_invoice_with_a_line_that_cannot_be_read_is_rejected_whole(read):
    rows = [
        ["号码", "购方", "商品", "金额", "税额"],
        ["1", "甲", "奶", 100, 13],
        [None, None, "奶", "待定", 1],
        ["2", "乙", "酪", 50, 6.5],
        [None, "丙", "酪", 1, 0],
    ]
    part = read(INVOICES, rows).parts[0]
    assert part.accepted["invoice_no"].to_list() == ["2"]
    assert part.rejected.select("row", "field", "value").rows() == [
        (2, "amount_excl_tax", "待定"),
    ]
    assert part.rows_in == part.accepted.height + part.rejected.height


def test_what_stands_in_is_tried_in_order_and_unknown_values_are_said(read):
    layout = ORDERS.replace(
        "{ const: C }",
        "{ from: 公司, map: chains, else: { file_name: '.*', map: chains } }",
    ).replace("tables:", "maps: { chains: { '~云禾': YH } }\ntables:")
    rows = [
        ["单号", "门店", "数量", "进价", "公司"],
        ["P1", 1, 1, 1, "云禾公司"],
        ["P2", 1, 1, 1, "乙"],
    ]
    part = read(layout, rows).parts[0]
    assert part.accepted["chain_id"].to_list() == ["YH"]
    assert part.rejected["value"].to_list() == ["乙"]


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("quantity / unit_price", "is not of the form a * b"),
        ("quantity *", "is not of the form a * b"),
        ("quantity * order_no", "orders has no figure order_no"),
        ("quantity * price", "orders has no figure price"),
    ],
)
def test_a_formula_that_cannot_be_reckoned_is_refused(tmp_path, formula, reason):
    text = ORDERS.replace("quantity * unit_price", formula)
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError, match=reason.replace("*", r"\*")):
        Sources.read(tmp_path)
