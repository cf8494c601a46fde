"""A file that was read is not read again, and a wrong memory of it is never used."""

from __future__ import annotations

import os
import threading
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.home import Home
from receivables.policy import LIMITS
from receivables.sources import Parsed, Sources, cache, read_file
from receivables.sources import inbox as reading_inbox
from receivables.sources.cache import ReadCache
from receivables.sources.inbox import arrivals, incoming

from .forms import FILES, WRITERS

DAY = date(2026, 5, 1)


class Reader:
    """Reads the inbox of a home and counts the files that were really read."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = Home(root)
        self.folder = self.home.inbox_folder(DAY)
        self.folder.mkdir(parents=True)
        self.sources = Sources()
        self.opened: list[str] = []

        def counted(path: Path, *rest: object) -> Parsed:
            self.opened.append(path.name)
            return read_file(path, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(reading_inbox, "read_file", counted)

    def read(self) -> dict[str, Parsed]:
        self.opened.clear()
        for place in self.folder.iterdir():
            os.utime(place, (0, 0))  # it has held still for long
        files = incoming(arrivals(self.home.inbox, [DAY]), self.sources, self.home)
        return {file.arrival.place.name: file.parsed() for file in files}

    def entries(self) -> list[Path]:
        return sorted((self.home.cache / "read").rglob("*.zip"))


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(tmp_path, monkeypatch)


def same(one: Parsed, other: Parsed) -> bool:
    """Whether two readings say the same, in all that a reading says."""
    assert {field.name for field in fields(Parsed)} == {"layout", "parts", "message", "totals"}
    return (
        (one.layout, one.message) == (other.layout, other.message)
        and one.totals.equals(other.totals)
        and one.totals.schema == other.totals.schema
        and all(
            a.contract is b.contract
            and (a.rows_in, a.amount_in) == (b.rows_in, b.amount_in)
            and a.accepted.equals(b.accepted)
            and a.accepted.schema == b.accepted.schema
            and a.rejected.equals(b.rejected)
            for a, b in zip(one.parts, other.parts, strict=True)
        )
    )


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "parquet"])
def test_a_file_is_read_once_and_then_known(reader, form):
    WRITERS[form](reader.folder / "orders.dat")
    (first,) = reader.read().values()
    assert reader.opened == ["orders.dat"]
    (second,) = reader.read().values()
    assert reader.opened == []
    assert same(first, second)
    assert first.parts[0].rows_in == 4


def test_a_changed_file_and_another_name_are_read(reader):
    path = WRITERS["csv gbk"](reader.folder / "orders.csv")
    reader.read()
    path.write_bytes(path.read_bytes().replace(b"1250.5", b"1250.6"))
    amounts = reader.read()["orders.csv"].parts[0].accepted["amount"]
    assert (reader.opened, amounts[0]) == (["orders.csv"], Decimal("1250.60"))
    path.rename(path.with_name("deliveries.csv"))
    reader.read()
    assert reader.opened == ["deliveries.csv"]


def test_other_layouts_limits_or_code_read_anew(reader, shipped, monkeypatch):
    WRITERS["xlsx"](reader.folder / "orders.xlsx")
    reader.read()
    reader.sources = shipped
    reader.read()
    assert reader.opened == ["orders.xlsx"]
    monkeypatch.setattr(cache, "_CODE", ("spreadsheets.py",))
    reader.read()
    assert reader.opened == ["orders.xlsx"]
    assert len(reader.entries()) == 1  # what cannot be used any more is thrown away
    other = LIMITS.model_copy(update={"max_rows": 3})
    assert cache._fingerprint(shipped, LIMITS) != cache._fingerprint(shipped, other)


def test_what_was_not_understood_is_looked_at_again(reader):
    (reader.folder / "orders.csv").write_bytes(b"a,b\n1,2\n")
    for _ in range(2):
        assert reader.read()["orders.csv"].message
        assert reader.opened == ["orders.csv"]


@pytest.mark.parametrize("fault", ["empty", "cut", "flipped", "another file", "folder"])
def test_a_spoilt_memory_is_not_used(reader, fault):
    WRITERS["xlsx"](reader.folder / "orders.xlsx")
    (first,) = reader.read().values()
    (entry,) = reader.entries()
    data = entry.read_bytes()
    entry.unlink()
    if fault == "folder":
        entry.mkdir()
    else:
        middle = len(data) // 3
        spoilt = {
            "empty": b"",
            "cut": data[:-30],
            "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            "another file": (FILES / "orders.xlsx").read_bytes(),
        }
        entry.write_bytes(spoilt[fault])
    (second,) = reader.read().values()
    assert reader.opened == ["orders.xlsx"]
    assert same(first, second)


def test_a_memory_of_another_shape_is_not_used(reader):
    WRITERS["xlsx"](reader.folder / "orders.xlsx")
    (first,) = reader.read().values()
    (arrival,) = arrivals(reader.home.inbox, [DAY])
    kept = ReadCache(reader.home.cache / "read", reader.sources, LIMITS)
    part = first.parts[0]
    lost = type(part)(part.contract, part.accepted.head(1), part.rejected, 4, part.amount_in)
    fewer = type(part)(
        part.contract, part.accepted.drop("amount"), part.rejected, 4, part.amount_in
    )
    for wrong in (lost, fewer):
        kept.put(arrival.sha256, "orders.xlsx", Parsed("canonical", (wrong,)))
        assert kept.get(arrival.sha256, "orders.xlsx") is None


def test_two_at_once_keep_a_whole_memory(tmp_path):
    parsed = read_file(WRITERS["xlsx"](tmp_path / "orders.xlsx"), Sources())
    stores = [ReadCache(tmp_path / "read", Sources(), LIMITS) for _ in range(4)]
    wrong: list[object] = []

    def work(kept: ReadCache) -> None:
        for _ in range(25):
            kept.put("sum", "orders.xlsx", parsed)
            found = kept.get("sum", "orders.xlsx")
            if found is None or not same(found, parsed):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(kept,)) for kept in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [path.suffix for path in stores[0].folder.iterdir()] == [".zip"]


def test_a_disk_that_takes_nothing_costs_only_time(tmp_path):
    (tmp_path / "read").write_bytes(b"a file where the folder should be")
    kept = ReadCache(tmp_path / "read", Sources(), LIMITS)
    kept.put("sum", "orders.xlsx", Parsed("canonical", ()))
    assert kept.get("sum", "orders.xlsx") is None


def test_typed_files_are_not_kept(reader):
    frame = pl.DataFrame({"order_no": ["P1"]})
    frame.write_parquet(reader.folder / "orders.parquet")
    reader.read()
    assert reader.entries() == []
