"""An inbox as it should not be: links, files still being written, files that may not be opened."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from io_managers.session import Session, Window
from receivables.policy import Intake
from receivables.sources import Parsed, Sources, read_file
from receivables.sources.arriving import moving
from receivables.sources.inbox import arrivals

from .bad_files import (
    DAY,
    Inbox,
    numbers,
    orders,
    saved,
    zip_of,
)


@pytest.fixture
def inbox(tmp_path: Path) -> Callable[..., Inbox]:
    return lambda **limits: Inbox(tmp_path / "home", **limits)


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
