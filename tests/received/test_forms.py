"""The same table reads the same from every form of file, traps included."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.policy import LIMITS
from receivables.sources import Sources, read_file, sniff
from receivables.sources.books import read_book
from receivables.sources.grids import Book
from receivables.sources.markup import read_html, read_spreadsheetml

from .forms import FILES, WRITERS, write_ofd, write_xlsb


def book_of(path: Path) -> Book:
    return read_book(path, sniff(path))


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("ending", ["xls", "dat"])
def test_the_same_table_in_every_form(tmp_path, form, ending):
    path = WRITERS[form](tmp_path / f"orders_august.{ending}")
    assert sniff(path) == ("text" if form.split()[0] not in WRITERS else form)
    parsed = read_file(path, Sources())
    (part,) = parsed.parts
    rows = part.accepted.select("store_code", "order_no", "order_date", "amount", "row_no")
    first = 1 if form == "parquet" else 4
    assert rows.rows() == [
        ("0015", "26327000000742719331", date(2026, 8, 1), Decimal("1250.50"), first),
        ("0015", "0000120", date(2026, 8, 2), Decimal("-35.25"), first + 1),
        ("5016", "PO-3", date(2026, 8, 31), Decimal("1200.00"), first + 2),
    ]
    if form != "parquet":
        (rejected,) = part.rejected.to_dicts()
        assert "a spreadsheet has rounded" in rejected["reason"]
        assert (rejected["row"], rejected["amount"]) == (7, Decimal(10))


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods", "spreadsheetml"])
def test_hidden_sheets_are_named_and_not_read(tmp_path, form):
    parsed = read_file(WRITERS[form](tmp_path / "orders.x"), Sources())
    assert parsed.message == "The hidden sheet 备用 was not read."
    assert {part.accepted["sheet"].unique().item() for part in parsed.parts} == {"订单"}


def test_cells_of_a_web_page_that_reach_over_others_keep_every_value_in_its_place():
    page = """<html><head><meta charset="gbk"></head><body><table>
    <tr><td colspan="4">结算单&nbsp;（八月）</td></tr>
    <tr><th rowspan=2>门店</th><th colspan=2>金额</th><th rowspan="2">备注</th></tr>
    <tr><th>含税</th><th>不含税</th></tr>
    <tr><td rowspan="2">5015(成山路店)</td><td>1.10</td><td>1.00</td><td><b>甲</b><br>乙</td></tr>
    <tr><td>2.20</td><td>2.00</td><td></td></tr>
    </table><table><tr><td>附表</td></tr></table></body></html>"""
    (grid,) = read_html(page.encode("gbk"), LIMITS).grids
    assert grid.cells.rows() == [
        ("结算单 （八月）", None, None, None),
        ("门店", "金额", None, "备注"),
        (None, "含税", "不含税", None),
        ("5015(成山路店)", "1.10", "1.00", "甲乙"),
        (None, "2.20", "2.00", None),
        ("附表", None, None, None),
    ]


def test_a_table_that_only_lays_out_others_is_not_read_twice():
    page = "<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>"
    (grid,) = read_html(page.encode(), LIMITS).grids
    assert grid.cells.rows() == [("1",)]


@pytest.mark.parametrize("span", ["0", "-1", "x", "", "99999999999"])
def test_nonsense_in_a_span_harms_nothing(span):
    page = f'<table><tr><td rowspan="{span}">1</td></tr><tr><td>2</td></tr></table>'
    (grid,) = read_html(page.encode(), LIMITS).grids
    assert [value for row in grid.cells.rows() for value in row if value] == ["1", "2"]


def test_places_that_an_excel_xml_leaves_out_stay_empty():
    sheet = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
     xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>
     <Row ss:Index="2"><Cell ss:Index="2"><Data ss:Type="String">b</Data></Cell>
     <Cell ss:MergeAcross="1"><Data ss:Type="Number">1</Data></Cell>
     <Cell><Data ss:Type="Number">2</Data></Cell></Row>
     <Row ss:Span="1"/><Row><Cell ss:Formula="=A1"/></Row></Table></Worksheet></Workbook>"""
    (grid,) = read_spreadsheetml(sheet.encode(), LIMITS).grids
    assert grid.cells.rows()[:4] == [
        (None,) * 5,
        (None, "b", "1", None, "2"),
        (None,) * 5,
        (None,) * 5,
    ]
    assert (grid.cells[4, 0] or "").startswith("=A1 [a formula without its value")


def test_sheets_of_a_binary_workbook_keep_their_names(tmp_path):
    path = write_xlsb(tmp_path / "a.xlsb", {"甲": [["x", 1.5]], "乙": [["y"]]})
    assert [(g.name, g.cells.rows()) for g in book_of(path).grids] == [
        ("甲", [("x", "1.5")]),
        ("乙", [("y",)]),
    ]


def sheet(book: Book, name: str) -> list[dict[str, str | None]]:
    """The rows of a sheet by heading."""
    (grid,) = [grid for grid in book.grids if grid.name == name]
    headings, *rows = grid.cells.rows()
    return [dict(zip(headings, row, strict=True)) for row in rows]


def test_an_electronic_invoice_is_a_sheet_of_its_head_and_one_of_its_lines():
    book = book_of(FILES / "einvoice.xml")
    (head,) = sheet(book, "invoice")
    assert {
        "InvoiceNumber": "26327000000742719331",
        "IssueTime": "2026-08-10 11:33:22",
        "InIssuType": "Y",
        "InIssuTypeName": "是",
        "SellerIdNum": "91000000MA00000019",
        "BuyerName": "澜舟超市（示例）有限公司",
        "TotalAmWithoutTax": "2600.00",
        "TotalTaxAm": "331.00",
        "TotalTax-includedAmount": "2931.00",
        "OriginalInvoiceCode": None,
        "Remark": "PO-2026-0801",
    }.items() <= head.items()
    assert "SignatureValue" not in head
    first, second = sheet(book, "lines")
    assert first["InvoiceNumber"] == second["InvoiceNumber"] == "26327000000742719331"
    assert (first["line_no"], second["line_no"]) == ("1", "2")
    assert (first["ItemName"], second["ItemName"]) == ("*调味品*芝麻酱", "*运输服务*配送费")
    assert (first["TaxRate"], second["TaxRate"]) == ("0.13", "6%")
    assert (second["SpecMod"], second["TotaltaxIncludedAmount"]) == (None, "106.00")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_an_electronic_invoice_in_any_encoding(tmp_path, encoding):
    path = tmp_path / "invoice.xml"
    text = (FILES / "einvoice.xml").read_text(encoding="utf-8")
    path.write_bytes(text.replace('encoding="UTF-8"', f'encoding="{encoding}"').encode(encoding))
    assert sheet(book_of(path), "invoice")[0]["Remark"] == "PO-2026-0801"


def test_a_red_invoice_names_its_blue_one(tmp_path):
    path = tmp_path / "red.xml"
    text = (FILES / "einvoice.xml").read_text(encoding="utf-8")
    red = (
        "<RedEInvoice><OriginalInvoiceCode>26327000000742719001</OriginalInvoiceCode></RedEInvoice>"
    )
    text = text.replace("<LabelCode>Y<", "<LabelCode>N<")
    path.write_text(text.replace("</EInvoiceData>", f"{red}</EInvoiceData>"), encoding="utf-8")
    (head,) = sheet(book_of(path), "invoice")
    assert (head["InIssuType"], head["OriginalInvoiceCode"]) == ("N", "26327000000742719001")


def test_an_ofd_gives_its_custom_data(tmp_path):
    data = {"发票号码": "26327000000742719331", "合计税额": "331.00", "价税合计": "2931.00"}
    path = write_ofd(tmp_path / "invoice.ofd", data)
    assert sniff(path) == "ofd"
    assert sheet(book_of(path), "ofd") == [data]


def test_an_ofd_gives_rather_its_attached_original(tmp_path):
    original = (FILES / "einvoice.xml").read_bytes()
    book = book_of(write_ofd(tmp_path / "invoice.pdf", {"发票号码": "1"}, original))
    assert [grid.name for grid in book.grids] == ["invoice", "lines"]
    assert sheet(book, "invoice") == sheet(book_of(FILES / "einvoice.xml"), "invoice")


def test_an_ofd_of_pages_only_is_said(tmp_path):
    path = write_ofd(tmp_path / "invoice.ofd", {})
    assert "holds only pages" in (read_file(path, Sources()).message or "")
