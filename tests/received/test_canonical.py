"""Files named after a kind, with the kind's own headings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.sources import Sources, kind_named, read_file

HEAD = "chain_id,store_code,order_no,order_date,amount\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orders.csv", "orders"),
        ("orders_2026-05-01.csv", "orders"),
        ("Orders 五月.xlsx", "orders"),
        ("orders2.parquet", "orders"),
        ("invoice_lines_a.csv", "invoice_lines"),
        ("invoices_lines.csv", "invoices"),
        ("ordersheet.csv", None),
        ("invoice.csv", None),
        ("订单.csv", None),
    ],
)
def test_the_kind_in_the_name(name, kind):
    assert kind_named(Path(name)) == kind


def read(tmp_path: Path, text: str, name: str = "orders.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_file(path, Sources())


def test_columns_in_any_order_and_optional_ones_missing(tmp_path):
    parsed = read(tmp_path, "amount,order_date,order_no,store_code,chain_id\n7,2026-5-1,P,01,C\n")
    row = parsed.parts[0].accepted.row(0, named=True)
    assert parsed.layout == "canonical"
    assert row["amount"] == Decimal("7.00")
    assert row["order_date"] == date(2026, 5, 1)
    assert row["store_code"] == "01"
    assert row["sku"] is None
    assert row["row_no"] == 2


def test_chinese_headings(tmp_path, workbook):
    path = workbook(
        "orders_五月.xlsx",
        {
            "订单": [
                ["门店编码", "连锁编号", "订单号", "订货日期", "订单状态", "含税金额"],
                ["0012", "C", 4500012345, date(2026, 5, 1), "已取消", 12.5],
            ]
        },
    )
    part = read_file(path, Sources()).parts[0]
    row = part.accepted.row(0, named=True)
    assert row["sheet"] == "订单"
    assert row["order_no"] == "4500012345"
    assert row["status"] == "cancelled"
    assert row["amount"] == Decimal("12.50")
    assert row["order_date"] == date(2026, 5, 1)


def test_totals_empty_rows_and_titles_are_not_rows(tmp_path, workbook):
    path = workbook(
        "orders.xlsx",
        {
            "订单": [
                ["五月订单"],
                [],
                ["连锁编号", "门店编码", "订单号", "订货日期", "含税金额"],
                ["C", "1", "P1", "2026-05-01", 5],
                [],
                ["连锁编号", "门店编码", "订单号", "订货日期", "含税金额"],
                ["C", "1", "P2", "2026-05-01", 6],
                ["合计", None, None, None, 11],
            ]
        },
    )
    part = read_file(path, Sources()).parts[0]
    assert part.rows_in == 2
    assert part.accepted["row_no"].to_list() == [4, 7]


def test_a_required_column_that_is_missing_is_said(tmp_path):
    parsed = read(tmp_path, "chain_id,store_code,order_no,order_date\nC,1,P,2026-05-01\n")
    assert parsed.parts == ()
    assert "The table of orders was not found" in (parsed.message or "")
    assert "amount/含税金额/金额" in (parsed.message or "")


def test_good_rows_stay_when_others_are_rejected(tmp_path):
    parsed = read(
        tmp_path,
        HEAD + "C,1,P1,2026-05-01,5\nC,1,P1,2026-13-01,6.5\nC,1,P1,2026-05-01,待定\nC,,P2,x,1\n",
    )
    part = parsed.parts[0]
    assert (part.rows_in, part.amount_in) == (4, Decimal("12.50"))
    assert part.accepted["row_no"].to_list() == [2]
    assert part.rejected.select("row", "field", "value", "reason", "amount").rows() == [
        (3, "order_date", "2026-13-01",
         "order_date: '2026-13-01' is not a date such as 2026-08-01.", Decimal("6.50")),
        (4, "amount", "待定",
         "amount: '待定' is not an amount with at most two decimals.", Decimal("0.00")),
        (5, "order_date", "x",
         "order_date: 'x' is not a date such as 2026-08-01.", Decimal("1.00")),
    ]  # fmt: skip


def test_a_document_of_one_row_stands_once_in_a_file(tmp_path):
    text = "sku,product_name,tax_rate\n1,A,0.13\n2,B,0.13\n1,A,0.13\n"
    part = read(tmp_path, text, "products.csv").parts[0]
    assert part.accepted["row_no"].to_list() == [2, 3]
    rejected = part.rejected.row(0, named=True)
    assert (rejected["row"], rejected["field"], rejected["value"]) == (4, "sku", "1")
    assert "stands in an earlier row of this file already" in rejected["reason"]


def test_equal_lines_of_one_document_are_legitimate(tmp_path):
    text = HEAD + "C,1,P1,2026-05-01,5\n" * 2
    assert read(tmp_path, text).parts[0].accepted.height == 2


def test_a_number_that_excel_rounded_is_no_invoice_number(workbook):
    path = workbook(
        "invoice_handovers.xlsx",
        {
            "S": [
                ["发票号码", "交票日期"],
                [26327000000742719331, date(2026, 5, 1)],
                ["26327000000742719331", date(2026, 5, 1)],
            ]
        },
    )
    part = read_file(path, Sources()).parts[0]
    assert part.accepted["invoice_no"].to_list() == ["26327000000742719331"]
    assert "a spreadsheet has rounded" in part.rejected["reason"][0]


def test_long_numbers_that_are_text_are_never_taken_for_rounded_ones(workbook):
    # 2**64 equals a float exactly, and is text here.
    rows = [["发票号码", "交票日期"], [str(2**64), date(2026, 5, 1)]]
    path = workbook("invoice_handovers.xlsx", {"S": rows})
    assert read_file(path, Sources()).parts[0].accepted["invoice_no"].to_list() == [str(2**64)]


def test_hidden_sheets_are_left_out_and_said(tmp_path, workbook):
    rows = [["发票号码", "交票日期"], ["1", date(2026, 5, 1)]]
    path = workbook("invoice_handovers.xlsx", {"S": rows, "旧": rows})
    import openpyxl

    book = openpyxl.load_workbook(path)
    book["旧"].sheet_state = "hidden"
    book.save(path)
    parsed = read_file(path, Sources())
    assert parsed.parts[0].rows_in == 1
    assert parsed.message == "The hidden sheet 旧 was not read."


def parquet(tmp_path: Path, frame: pl.DataFrame, name: str = "orders.parquet"):
    path = tmp_path / name
    frame.write_parquet(path)
    return read_file(path, Sources())


TYPED = pl.DataFrame(
    {
        "chain_id": ["C", "C"],
        "store_code": ["01", "02"],
        "order_no": ["P1", "P2"],
        "order_date": [date(2026, 5, 1), date(2026, 5, 2)],
        "quantity": [1.5, None],
        "amount": [Decimal("5.00"), Decimal("6.10")],
        "unknown": [1, 2],
    },
    schema_overrides={"amount": pl.Decimal(18, 2)},
)


def test_a_typed_file(tmp_path):
    parsed = parquet(tmp_path, TYPED)
    part = parsed.parts[0]
    assert parsed.layout == "canonical"
    assert part.accepted["row_no"].to_list() == [1, 2]
    assert part.accepted["quantity"].to_list() == [Decimal("1.5000"), None]
    assert part.amount_in == Decimal("11.10")


def test_a_typed_file_with_other_types(tmp_path):
    frame = TYPED.with_columns(
        pl.col("store_code").cast(pl.Int64),
        pl.col("order_date").cast(pl.Datetime("us")),
        pl.col("amount").cast(pl.Float64),
    )
    accepted = parquet(tmp_path, frame).parts[0].accepted
    assert accepted["store_code"].to_list() == ["1", "2"]
    assert accepted["order_date"].to_list() == [date(2026, 5, 1), date(2026, 5, 2)]
    assert accepted["amount"].to_list() == [Decimal("5.00"), Decimal("6.10")]


def test_typed_rows_are_rejected_like_others(tmp_path):
    frame = TYPED.with_columns(pl.Series("order_no", ["P1", " "]))
    part = parquet(tmp_path, frame).parts[0]
    assert part.accepted["order_no"].to_list() == ["P1"]
    assert part.rejected.select("row", "field", "amount").rows() == [
        (2, "order_no", Decimal("6.10"))
    ]


@pytest.mark.parametrize(
    ("name", "columns", "sentence"),
    [
        ("data.parquet", TYPED.columns, "must be named after the kind"),
        ("orders.parquet", ["chain_id"], "lacks the columns store_code (门店编码), order_no"),
    ],
)
def test_a_typed_file_that_cannot_be_placed(tmp_path, name, columns, sentence):
    parsed = parquet(tmp_path, TYPED.select(columns), name)
    assert parsed.parts == ()
    assert sentence in (parsed.message or "")
