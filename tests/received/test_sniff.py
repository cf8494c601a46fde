"""What a file is, by its bytes."""

from __future__ import annotations

import polars as pl
import pytest

from receivables.sources import Sources, read_file, sniff
from receivables.sources.grids import read_text_grid


@pytest.mark.parametrize("ending", ["csv", "xls", "xlsx", "dat"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_text_is_text_whatever_its_name_and_encoding(tmp_path, ending, encoding):
    path = tmp_path / f"invoice_handovers.{ending}"
    path.write_bytes("发票号码,交票日期,签收人\n0001,2026-05-01,王五\n".encode(encoding))
    assert sniff(path) == "text"
    accepted = read_file(path, Sources()).parts[0].accepted
    assert accepted["received_by"].to_list() == ["王五"]


def test_rare_characters_need_gb18030(tmp_path):
    path = tmp_path / "invoice_handovers.csv"
    path.write_bytes("发票号码,交票日期,签收人\n1,2026-05-01,王㛃\n".encode("gb18030"))
    assert read_file(path, Sources()).parts[0].accepted["received_by"].to_list() == ["王㛃"]


def test_a_workbook_is_a_workbook_whatever_its_name(workbook):
    path = workbook(
        "invoice_handovers.csv", {"S": [["发票号码", "交票日期"], ["0001", "2026-05-01"]]}
    )
    assert sniff(path) == "xlsx"
    assert read_file(path, Sources()).parts[0].accepted["invoice_no"].to_list() == ["0001"]


def test_parquet(tmp_path):
    path = tmp_path / "invoice_handovers.bin"
    pl.DataFrame({"invoice_no": ["1"]}).write_parquet(path)
    assert sniff(path) == "parquet"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file that is no workbook"),
        (b"\x09\x08\x08\x00\x00\x05", "a workbook of before 1997"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"<?xml version='1.0'?>", "XML of an unknown kind (its root is missing)"),
        (b"<note><to>x</to></note>", "XML of an unknown kind (its root is note)"),
        (b"\n <html><table>", "The web page has no table"),
        (b"\xff\xfea\x00,\x00b", "UTF-16 text was cut off"),
        ("发票号码,交票日期\n".encode()[:-3], "UTF-8 but damaged or cut off in line 1"),
        ("\ufeff订单号,\n".encode() + b"\x81\n", "UTF-8 but damaged or cut off in line 2"),
        (b"order_no,amount\nP1,5\nP\x002,6\n", "Line 3 of the text holds a zero byte"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"PK\x03\x04 and then the line broke", "damaged or was cut off"),
        (b"\x00\x01\x02", "neither a workbook nor text"),
        (bytes(range(256)) * 9, "neither a workbook nor text"),
        (b"a,b\n1,\x002\n3,44444444\n", "Line 2 of the text holds a zero byte"),
        (b"PAR1 cut off", "The Parquet file is damaged"),
        (b"a,b\n\x81\x20\xff", "neither UTF-8 nor GBK"),
    ],
)
def test_what_is_not_read_is_said(tmp_path, data, sentence):
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    parsed = read_file(path, Sources())
    assert parsed.parts == ()
    assert parsed.layout is None
    assert sentence in (parsed.message or "")


def test_a_workbook_cut_off_on_its_way(workbook):
    path = workbook("orders.xlsx", {"S": [["订单号"], ["1"]]})
    path.write_bytes(path.read_bytes()[:-200])
    assert "damaged" in (read_file(path, Sources()).message or "")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", [("a", "b"), ("1", "2")]),
        ("a\tb\n1\t2\n", [("a", "b"), ("1", "2")]),
        ("a;b\n1;2\n", [("a", "b"), ("1", "2")]),
        ("title\n\na,b\n1\n", [("title", None), (None, None), ("a", "b"), ("1", None)]),
        ('a,b\n"x\ny","1,5"\n', [("a", "b"), ("x\ny", "1,5")]),
        ("a,b\r\n1,2\r\n", [("a", "b"), ("1", "2")]),
    ],
)
def test_text_rows_keep_their_place(text, rows):
    assert read_text_grid(text.encode()).cells.rows() == rows


def test_rows_that_grow_wider_further_down_are_kept():
    text = "a,b\n" + "1,2\n" * 300 + "1,2,3\n"
    cells = read_text_grid(text.encode()).cells
    assert cells.height == 302
    assert cells.row(301) == ("1", "2", "3")
