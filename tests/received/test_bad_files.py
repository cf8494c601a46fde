"""Files as nobody should send them: each is read, or refused with a sentence, and harms nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from io_managers.session import Session, Window
from receivables.home import Home
from receivables.policy import LIMITS, Intake
from receivables.sources import Parsed, Sources, read_file
from receivables.sources.archives import Archive
from receivables.sources.arriving import moving
from receivables.sources.inbox import arrivals, incoming
from receivables.sources.parsed import UnreadableError

from .forms import FILES, WRITERS, write_text

HEAD = "chain_id,store_code,order_no,order_date,amount\n"
DAY = date(2026, 5, 1)


def told(path: Path, limits: Intake = LIMITS) -> str:
    """What is said of a file that gives no rows."""
    parsed = read_file(path, Sources(), limits)
    assert parsed.parts == ()
    return parsed.message or ""


def saved(tmp_path: Path, data: bytes, name: str = "orders.dat") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


# Workbooks


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


def xlsx_of(tmp_path: Path, rows: str, prolog: str = "") -> Path:
    """A workbook whose one sheet holds the given rows of XML."""
    path = tmp_path / "orders.xlsx"
    with (
        zipfile.ZipFile(FILES / "orders.xlsx") as good,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            data = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head = data.split(b"<sheetData>")[0].decode()
                xml, _, rest = head.partition("?>")
                text = f"{xml}?>{prolog}{rest}<sheetData>{rows}</sheetData></worksheet>"
                data = text.encode()
            bad.writestr(name, data)
    return path


def cell(place: str, value: object) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def row(number: int, *values: object) -> str:
    cells = (cell(f"{chr(65 + n)}{number}", value) for n, value in enumerate(values))
    return f'<row r="{number}">{"".join(cells)}</row>'


HEADINGS = row(1, "连锁", "门店编码", "订单号", "订单日期", "含税金额")


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


# XML

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


# Archives


def zip_of(path: Path, members: dict[str, bytes], **how: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("members", "limits", "sentence"),
    [
        ({"a.csv": bytes(20_000_000)}, {}, "times larger when unpacked"),
        ({"a.csv": bytes(1_000)}, {"max_unpacked_bytes": 999}, "would have 1,000 bytes"),
        ({f"{n}.csv": b"x" for n in range(11)}, {"max_entries": 10}, "has 11 entries"),
        ({"a.csv": b"x"}, {"max_file_bytes": 10}, "(intake.max_file_bytes)"),
    ],
)
def test_a_zip_bomb_is_refused(tmp_path, members, limits, sentence):
    path = zip_of(tmp_path / "orders.zip", members)
    assert sentence in told(path, LIMITS.model_copy(update=limits))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_workbook_that_is_a_zip_bomb_is_refused(tmp_path, part):
    path = zip_of(tmp_path / "orders.xlsx", {"xl/workbook.xml": b"", part: b" " * 30_000_000})
    assert "times larger when unpacked" in told(path)


def test_an_entry_that_is_larger_than_it_says_is_never_unpacked_further(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a.csv": b"1" * 5_000})
    data = path.read_bytes()
    said = (5_000).to_bytes(4, "little")
    path.write_bytes(data.replace(said, (50).to_bytes(4, "little")))
    with Archive(path, LIMITS) as archive, pytest.raises(UnreadableError, match="damaged"):
        archive.read("a.csv")


class Inbox:
    """A home whose inbox has one day."""

    def __init__(self, root: Path, **limits: int) -> None:
        self.home = Home(root)
        self.folder = self.home.inbox_folder(DAY)
        self.folder.mkdir(parents=True)
        policy = (Path(__file__).parents[2] / "config" / "policy.yaml").read_text(encoding="utf-8")
        for name, value in {"still_seconds": 0, **limits}.items():
            policy, count = re.subn(rf"(\n  {name}:) \S+", rf"\g<1> {value}", policy)
            assert count == 1
        (root / "config").mkdir()
        (root / "config" / "policy.yaml").write_text(policy, encoding="utf-8")

    def read(self) -> dict[str, Parsed]:
        """Everything in the inbox by its path below the day."""
        files = incoming(arrivals(self.home.inbox, [DAY]), Sources(), self.home)
        return {file.arrival.path.partition("/")[2]: file.parsed() for file in files}


@pytest.fixture
def inbox(tmp_path: Path) -> Callable[..., Inbox]:
    return lambda **limits: Inbox(tmp_path / "home", **limits)


def orders(*numbers: str) -> bytes:
    return (HEAD + "".join(f"C,1,{number},2026-05-01,5\n" for number in numbers)).encode()


def numbers(parsed: Parsed) -> list[str]:
    return [number for part in parsed.parts for number in part.accepted["order_no"]]


def test_each_file_of_a_zip_arrives_as_its_own(inbox):
    box = inbox()
    inner = zip_of(box.home.root / "b.zip", {"orders_2.csv": orders("P2")}).read_bytes()
    members = {"八月/orders_1.csv": orders("P1"), "b.zip": inner, "__MACOSX/._a": b"x", "c/": b""}
    zip_of(box.folder / "papers.zip", members)
    found = box.read()
    assert {path: (parsed.layout, numbers(parsed)) for path, parsed in found.items()} == {
        "papers.zip": ("zip", []),
        "papers.zip/八月/orders_1.csv": ("canonical", ["P1"]),
        "papers.zip/b.zip": ("zip", []),
        "papers.zip/b.zip/orders_2.csv": ("canonical", ["P2"]),
    }
    assert all(parsed.message is None for parsed in found.values())


def test_names_in_a_zip_that_are_gbk_are_chinese(inbox):
    box = inbox()
    gbk = "订单.csv".encode("gbk")
    path = box.folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x" * len(gbk), orders("P1"))
    path.write_bytes(path.read_bytes().replace(b"x" * len(gbk), gbk))
    assert "a.zip/订单.csv" in box.read()


def test_archives_too_deep_are_said_and_the_rest_is_read(inbox):
    box = inbox(max_depth=2)
    deep = zip_of(box.home.root / "3.zip", {"orders_3.csv": orders("P3")}).read_bytes()
    middle = zip_of(box.home.root / "2.zip", {"3.zip": deep, "orders_2.csv": orders("P2")})
    zip_of(box.folder / "1.zip", {"2.zip": middle.read_bytes(), "orders_1.csv": orders("P1")})
    found = box.read()
    assert "3.zip: it lies 2 archives deep (intake.max_depth)" in (
        found["1.zip/2.zip"].message or ""
    )
    assert numbers(found["1.zip/2.zip/orders_2.csv"]) == ["P2"]
    assert numbers(found["1.zip/orders_1.csv"]) == ["P1"]


def test_archives_in_an_archive_share_its_limits(inbox):
    box = inbox(max_unpacked_bytes=3_000)
    part = zip_of(box.home.root / "p.zip", {"a.csv": b"1" * 2_000}).read_bytes()
    zip_of(box.folder / "all.zip", {f"{n}.zip": part for n in range(3)})
    found = box.read()
    assert "intake.max_unpacked_bytes" in (found["all.zip"].message or "")
    assert [path for path in found if path.endswith("a.csv")] == ["all.zip/0.zip/a.csv"]


@pytest.mark.parametrize(
    "name", ["../orders_x.csv", "a/../../orders_x.csv", "/orders_x.csv", "C:\\x\\orders_x.csv",
             "..\\orders_x.csv"],
)  # fmt: skip
def test_names_that_lead_out_of_the_archive_are_refused_and_the_rest_is_read(inbox, name):
    box = inbox()
    zip_of(box.folder / "a.zip", {name: orders("P1"), "orders_y.csv": orders("P2")})
    before = set(box.home.root.parent.rglob("*"))
    found = box.read()
    assert "leads out of the archive" in (found["a.zip"].message or "")
    assert [path for path in found if path != "a.zip"] == ["a.zip/orders_y.csv"]
    new = set(box.home.root.parent.rglob("*")) - before
    assert all(path.is_relative_to(box.home.cache) for path in new)


def test_an_empty_archive_is_said(inbox):
    box = inbox()
    zip_of(box.folder / "a.zip", {"c/": b""})
    assert box.read()["a.zip"].message == "The archive has no file in it."


def test_links_in_an_archive_are_refused(inbox):
    box = inbox()
    entry = zipfile.ZipInfo("orders_x.csv")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(box.folder / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert "it is a link" in (box.read()["a.zip"].message or "")


def test_a_locked_archive_is_said(inbox):
    box = inbox()
    path = zip_of(box.folder / "a.zip", {"orders.csv": orders("P1")})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert "locked with a password" in (box.read()["a.zip"].message or "")


def test_a_damaged_member_is_said_and_the_rest_is_read(inbox):
    box = inbox()
    path = box.folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders_x.csv", orders("P1"))
        archive.writestr("orders_y.csv", orders("P2"))
    path.write_bytes(path.read_bytes().replace(b"C,1,P1", b"C,1,P7"))
    found = box.read()
    assert "orders_x.csv: The file is damaged" in (found["a.zip"].message or "")
    assert numbers(found["a.zip/orders_y.csv"]) == ["P2"]


def test_two_members_of_one_name_are_both_read(inbox):
    box = inbox()
    with zipfile.ZipFile(box.folder / "a.zip", "w") as archive:
        archive.writestr("orders.csv", orders("P1"))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("orders.csv", orders("P2"))
    found = box.read()
    assert [numbers(found[f"a.zip/orders.csv{n}"]) for n in ("", "#2")] == [["P1"], ["P2"]]


def test_what_was_unpacked_is_made_anew_when_somebody_touched_it(inbox):
    box = inbox()
    zip_of(box.folder / "a.zip", {"orders.csv": orders("P1")})
    box.read()
    (place,) = (box.home.cache / "unpacked").rglob("orders.csv")
    place.write_bytes(orders("P9"))
    assert numbers(box.read()["a.zip/orders.csv"]) == ["P1"]


# The inbox


def test_links_out_of_the_inbox_are_not_followed(inbox, tmp_path):
    box = inbox()
    outside = saved(tmp_path, orders("P1"), "orders_secret.csv")
    (box.folder / "orders_a.csv").symlink_to(outside)
    (box.folder / "orders_b.csv").symlink_to(tmp_path / "nowhere")
    (box.folder / "folder").symlink_to(tmp_path)
    (box.folder / "orders_c.csv").write_bytes(orders("P2"))
    (box.folder / "orders_d.csv").symlink_to(box.folder / "orders_c.csv")
    found = box.read()
    assert {path: numbers(parsed) for path, parsed in found.items()} == {
        "folder": [], "orders_a.csv": [], "orders_b.csv": [],
        "orders_c.csv": ["P2"], "orders_d.csv": ["P2"],
    }  # fmt: skip
    assert "leads out of the inbox" in (found["orders_a.csv"].message or "")
    assert "leads nowhere" in (found["orders_b.csv"].message or "")


def test_a_file_that_may_not_be_opened_is_said_and_read_when_it_may(inbox, monkeypatch):
    from receivables.sources import inbox as module

    def denied(place: Path) -> str:
        raise PermissionError(place)

    box = inbox()
    (box.folder / "orders.csv").write_bytes(orders("P1"))
    with monkeypatch.context() as patched:
        patched.setattr(module, "_checksum", denied)
        assert "may not be opened" in (box.read()["orders.csv"].message or "")
        (before,) = arrivals(box.home.inbox, [DAY])
    (after,) = arrivals(box.home.inbox, [DAY])
    assert before.sha256 != after.sha256


def test_a_file_that_is_being_written_is_left_for_the_next_close(inbox):
    box = inbox(still_seconds=0.2)
    (box.folder / "orders_done.csv").write_bytes(orders("P1"))
    path, done = box.folder / "orders_big.csv", threading.Event()

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            while not done.wait(0.02):
                file.write(orders("P2"))

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.05)
    try:
        assert list(box.read()) == ["orders_done.csv"]
    finally:
        done.set()
        writer.join()
    assert list(box.read()) == ["orders_big.csv", "orders_done.csv"]


def test_old_files_are_not_waited_for(tmp_path):
    path = saved(tmp_path, b"x")
    os.utime(path, (0, 0))
    started = time.monotonic()
    assert moving([path], Decimal(30)) == set()
    assert time.monotonic() - started < 5


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_close(inbox, monkeypatch):
    from receivables.sources import inbox as module

    box = inbox()
    path = box.folder / "orders.csv"
    path.write_bytes(orders("P1"))

    def slow(place: Path, sources: Sources, limits: Intake) -> Parsed:
        parsed = read_file(place, sources, limits)
        place.write_bytes(orders("P1", "P2"))
        return parsed

    monkeypatch.setattr(module, "read_file", slow)
    assert box.read() == {}
    monkeypatch.undo()
    assert numbers(box.read()["orders.csv"]) == ["P1", "P2"]


# Values

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
    parsed = read_file(xlsx_of(tmp_path, rows), Sources())
    assert parsed.message or parsed.parts[0].rejected["field"].to_list() == ["amount"]


# Text


def test_a_quotation_mark_that_is_not_closed_swallows_nothing(tmp_path):
    lines = [f"C,1,P{n},2026-05-01,5" for n in range(500)]
    lines[100] = 'C,1,"P100,2026-05-01,5'
    path = saved(tmp_path, (HEAD + "\n".join(lines)).encode(), "orders.csv")
    assert "A quotation mark in row 102 is not closed" in told(path)


def test_a_text_of_one_endless_line_is_refused(tmp_path):
    assert told(saved(tmp_path, b"a" * 3_000_000))
    assert told(saved(tmp_path, b"a," * 3_000_000))


# A reader that falls


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


# Received


def test_everything_that_was_refused_stands_in_the_files_with_its_sentence(inbox):
    from assets.received.inbox import Intake as Receiving

    box = inbox()
    zip_of(box.folder / "a.zip", {"../x.csv": b"x", "orders.csv": orders("P1", "P2")})
    saved(box.folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "b.xls")
    with duckdb.connect() as connection:
        session = Session(connection)
        session.use(Window(DAY, DAY))
        receiving = Receiving(session, box.home, Sources(), [DAY])
        for table, content in receiving.tables():
            session.replace(table, content)
        rows = session.rows(
            "select path, kind, layout, rows_in, rows_staged, message is not null as said "
            "from received.files order by path"
        )
    assert [tuple(r.values()) for r in rows] == [
        ("2026-05-01/a.zip", None, "zip", 0, 0, True),
        ("2026-05-01/a.zip/orders.csv", "orders", "canonical", 2, 2, False),
        ("2026-05-01/b.xls", None, None, 0, 0, True),
    ]
