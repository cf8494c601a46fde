"""Workbooks and XML as nobody should send them: read, or refused with a sentence."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal

import pytest

from receivables.sources import Sources, read_file

from .bad_files import (
    HEADINGS,
    cell,
    row,
    saved,
    told,
    xlsx_of,
)
from .forms import FILES, WRITERS, write_text


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_said_or_loses_only_what_was_cut(tmp_path, form, share):
    path = WRITERS[form](tmp_path / "orders.dat")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    parsed = read_file(path, Sources())
    assert parsed.message or parsed.parts
    for part in parsed.parts:
        assert part.rows_in == part.accepted.height + part.rejected.height <= 4


def test_a_workbook_with_a_password_is_said(tmp_path):
    """A locked workbook is a compound file that holds one encrypted package."""
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le")
    )
    assert "locked with a password" in told(saved(tmp_path, data, "orders.xlsx"))


def test_an_old_workbook_with_a_password_is_said(tmp_path):
    data = bytearray((FILES / "orders.xls").read_bytes())
    start = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    # A FILEPASS record where the next one was: everything after it is ciphertext.
    data[start : start + 4] = b"\x2f\x00" + data[start + 2 : start + 4]
    assert "password" in told(saved(tmp_path, bytes(data), "orders.xls"))


@pytest.mark.parametrize(
    ("far", "sentence"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "intake.max_columns"),
        ('<row r="1"><c r="CZ1048576"><v>1</v></c></row>', "intake.max_cells"),
        ('<row r="1048576"><c s="0" r="ZZ1048576"><v>1</v></c></row>', "intake.max_cells"),
        ('<row r="9999999"><c r="A9999999"><v>1</v></c></row>', "intake.max_rows"),
        ('<row r="99999999"><c r="A99999999"><v>1</v></c></row>', "no cell stands at '99999999'"),
        ('<row r="2"><c r="A0"><v>1</v></c></row>', "no cell stands at 'A0'"),
        ('<row r="0"><c><v>1</v></c></row>', "no cell stands at '0'"),
        ("<row r=\"2\"><c  r = 'AAAAA2'><v>1</v></c></row>", "no cell stands at 'AAAAA2'"),
        ('<row r="2"><c s=">" r="XFD1048576"><v>1</v></c></row>', "no cell stands at"),
        ('<row r="2"><x:c r="XFD1048576"><v>1</v></x:c></row>', "names of two kinds"),
        (f"<row>{'<c><v>1</v></c>' * 1_001}</row>", "intake.max_columns"),
        (f'<row r="5">{"<c/>" * 60}</row><row r="1048576"/>', "intake.max_cells"),
    ],
)
def test_two_cells_far_apart_are_refused_before_there_is_room_made_for_them(
    tmp_path, far, sentence
):
    assert sentence in told(xlsx_of(tmp_path, HEADINGS + far))


def test_a_sheet_filled_to_the_last_row_is_read(tmp_path):
    far = '<row r="1048576"><c r="A1048576" s="0"/></row>'
    rows = HEADINGS + row(2, "LZ", 1, "P1", "2026-05-01", 5) + row(1_048_575, "LZ", 1, "P2", "x", 5)
    (part,) = read_file(xlsx_of(tmp_path, rows + far), Sources()).parts
    assert part.accepted["order_no"].to_list() == ["P1"]
    assert part.rejected["row"].to_list() == [1_048_575]


def test_a_sheet_of_ten_thousand_columns_is_refused(tmp_path):
    path = write_text(tmp_path / "orders.csv", ",", "utf-8")
    path.write_text(path.read_text() + "\n" + "1," * 9_999, encoding="utf-8")
    assert "10,000 columns; more than 1,000 (intake.max_columns)" in told(path)


def test_empty_sheets_are_said(tmp_path, workbook):
    assert "no sheet with anything in it" in told(workbook("orders.xlsx", {"A": [], "B": []}))


def test_parts_of_one_name_are_refused(tmp_path):
    path = tmp_path / "orders.xlsx"
    path.write_bytes((FILES / "orders.xlsx").read_bytes())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert "two parts of one name" in told(path)


@pytest.mark.parametrize("saved_value", ["", "<v></v>", "<v/>"])
def test_a_formula_without_its_value_is_rejected_and_one_with_it_is_read(tmp_path, saved_value):
    plain = cell("A{0}", "LZ") + cell("B{0}", 1) + cell("C{0}", "P{0}") + cell("D{0}", "2026-05-01")
    rows = [
        f'<row r="2">{plain.format(2)}<c r="E2"><f>2+3</f><v>5</v></c></row>',
        f'<row r="3">{plain.format(3)}<c r="E3"><f>SUM(E1:E2)</f>{saved_value}</c></row>',
    ]
    (part,) = read_file(xlsx_of(tmp_path, HEADINGS + "".join(rows)), Sources()).parts
    assert part.accepted.select("order_no", "amount").rows() == [("P2", Decimal(5))]
    assert "=SUM(E1:E2) [a formula without its value: open the file" in part.rejected["reason"][0]


def test_a_formula_without_its_value_is_no_order_number(tmp_path):
    number = '<c r="C2"><f>B2&amp;"-1"</f></c>'
    cells = cell("A2", "LZ") + cell("B2", 1) + number + cell("D2", "2026-05-01") + cell("E2", 5)
    (part,) = read_file(xlsx_of(tmp_path, f'{HEADINGS}<row r="2">{cells}</row>'), Sources()).parts
    assert (part.rows_in, part.rejected["field"].to_list()) == (1, ["order_no"])


def test_headings_that_are_merged_over_two_columns_are_found(workbook):
    rows = [
        ["八月订单", None, None, None, None],
        ["连锁", "门店编码", "订单号", "订单日期", "含税金额"],
        ["LZ", 1, "P1", "2026-05-01", 5],
    ]
    path = workbook("orders.xlsx", {"S": rows})
    import openpyxl

    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("A1:E1")
    book.worksheets[0].merge_cells("E2:F2")
    book.save(path)
    (part,) = read_file(path, Sources()).parts
    assert part.accepted["amount"].to_list() == [Decimal(5)]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("prolog", [BOMB, OUTSIDE, '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'])
@pytest.mark.parametrize("name", ["einvoice.xml", "orders.spreadsheetml"])
def test_entities_and_document_types_are_refused(tmp_path, prolog, name):
    text = (FILES / name).read_text(encoding="utf-8")
    head, mark, rest = text.partition("?>")
    bad = saved(tmp_path, f"{head}{mark}{prolog}{rest}".encode())
    assert re.search(r"document type|entities", told(bad))


@pytest.mark.parametrize("prolog", [BOMB, OUTSIDE])
def test_entities_in_a_workbook_are_refused(tmp_path, prolog):
    assert "XML entities" in told(xlsx_of(tmp_path, row(1, "&b;"), prolog))


def test_a_tower_of_elements_is_refused(tmp_path):
    text = f"<EInvoice>{'<a>' * 100_000}{'</a>' * 100_000}</EInvoice>"
    assert "nests more than 100" in told(saved(tmp_path, text.encode()))


def test_a_web_page_of_a_tower_of_tables_is_no_harm(tmp_path):
    assert told(saved(tmp_path, b"<html>" + b"<table><tr><td>" * 20_000))
