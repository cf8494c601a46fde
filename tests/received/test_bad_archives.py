"""Archives as nobody should send them: what is in them is read, or refused with a sentence."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from receivables.policy import LIMITS
from receivables.sources.archives import Archive
from receivables.sources.parsed import UnreadableError

from .bad_files import (
    Inbox,
    numbers,
    orders,
    told,
    zip_of,
)


@pytest.fixture
def inbox(tmp_path: Path) -> Callable[..., Inbox]:
    return lambda **limits: Inbox(tmp_path / "home", **limits)


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
