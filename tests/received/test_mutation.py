"""Spoilt files never bring reading down, and no row and no cent of them is lost.

`SIDAN_MUTATIONS=5000` reads so many files instead of a few hundred.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from assets.received.inbox import Intake
from assets.sql_model import ROOT, Statement
from io_managers.session import Session, Window
from receivables.home import Home
from receivables.policy import LIMITS
from receivables.sources import Parsed, Sources, UnreadableError, read_file, total
from receivables.sources.grids import read_text_grid
from receivables.sources.sniff import decode

from .conftest import SEED
from .forms import ROWS
from .mutants import Mutant, mutant

COUNT = int(os.environ.get("SIDAN_MUTATIONS") or 240)
RECEIVED = 40  # of them also through the warehouse
LIMIT_SECONDS = 30
LIMITS_HERE = LIMITS.model_copy(update={"max_seconds": LIMIT_SECONDS})


def wrong_about(parsed: Parsed) -> Iterator[str]:
    """What is not as it must be of any file that was read."""
    if not parsed.parts and not parsed.message and parsed.layout != "zip":
        yield "neither rows nor a sentence"
    if parsed.message and not parsed.message.rstrip().endswith((".", "!", "?")):
        yield f"no sentence: {parsed.message}"
    if "could not be understood (" in (parsed.message or ""):
        yield f"an error nobody thought of: {parsed.message}"
    for part in parsed.parts:
        if part.rows_in != part.accepted.height + part.rejected.height:
            yield f"rows of {part.kind} lost"
        money = total(part.accepted, part.contract.money) + total(part.rejected, "amount")
        if part.amount_in != money:
            yield f"money of {part.kind} lost"
        if part.rejected["reason"].null_count() or not (part.rejected["row"] > 0).all():
            yield "a rejected row without its place or reason"


def test_no_spoilt_file_brings_reading_down_or_loses_a_row(tmp_path, shipped):
    ends: Counter[str] = Counter()
    for number in range(COUNT):
        spoilt = mutant(SEED, number, often_slow=COUNT > 1_000)
        path = tmp_path / spoilt.name
        path.write_bytes(spoilt.data)
        started = time.monotonic()
        parsed = read_file(path, shipped, LIMITS_HERE)
        wrong = list(wrong_about(parsed))
        seconds = time.monotonic() - started
        if seconds > LIMIT_SECONDS + 10:
            wrong.append(f"took {seconds:.0f} seconds")
        where = f"SIDAN_SEED={SEED}, mutant {number}: {spoilt.name}, {spoilt.form}, {spoilt.done}"
        assert wrong == [], where
        ends[f"{spoilt.form}: {'read' if parsed.parts else 'refused'}"] += 1
        path.unlink()
    print(f"\nSIDAN_SEED={SEED}: {COUNT} spoilt files, none lost a row")
    for end, count in sorted(ends.items()):
        print(f"  {end} {count}")


def spoilt_texts() -> Iterator[Mutant]:
    """Texts of the plain kinds that are whole enough to be read."""
    for number in range(COUNT * 4):
        spoilt = mutant(SEED + 1, number, often_slow=True)
        if spoilt.form.startswith(("csv", "tsv", "semi")):
            yield spoilt


def test_the_rows_of_a_spoilt_text_are_those_that_a_person_counts(tmp_path):
    """Every line with something in it is a row, held against the lines of the text itself."""
    counted = 0
    for spoilt in spoilt_texts():
        try:
            text = decode(spoilt.data)
            read_text_grid(spoilt.data)
        except UnreadableError:
            continue
        path = tmp_path / spoilt.name
        path.write_bytes(spoilt.data)
        parsed = read_file(path, Sources())
        plain = text.replace('"1,200.00"', "1200.00").replace("\r\n", "")
        if not parsed.parts or '"' in plain or "\r" in plain:
            continue
        lines = [line.strip(" ,;\t\r\ufeff") for line in text.split("\n")]
        header = next((n for n, line in enumerate(lines) if all(h in line for h in ROWS[0])), None)
        if header is None:  # a heading was changed into another one that is known
            continue
        below = [line for line in lines[header + 1 :] if line]
        most = [line for line in below if "计" not in line and "订单号" not in line]
        rows = sum(part.rows_in for part in parsed.parts)
        assert len(most) <= rows <= len(below), (SEED, spoilt.done, text)
        counted += 1
    assert counted > COUNT / 12


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    for number in range(RECEIVED):
        folder = home.inbox_folder(date(2026, 5, 1) + timedelta(days=number % 4))
        folder.mkdir(parents=True, exist_ok=True)
        spoilt = mutant(SEED + 2, number, often_slow=False)
        path = folder / f"{spoilt.name.partition('.')[0]}_{number}{Path(spoilt.name).suffix}"
        path.write_bytes(spoilt.data)
        os.utime(path, (0, 0))
    return home


def test_rows_and_money_in_are_staged_duplicate_or_rejected(home, shipped):
    days = home.inbox_days()
    with duckdb.connect() as connection:
        session = Session(connection)
        session.use(Window(days[0], days[-1]))
        for table, content in Intake(session, home, shipped, days).tables():
            session.replace(table, content)
        for audit in ("rows_and_money_in", "tables_equal_files"):
            query = Statement.read(ROOT / "received" / "audits" / f"{audit}.sql").query
            assert session.rows(query) == [], f"SIDAN_SEED={SEED}"
        (figures,) = session.rows(
            "select count(*) as files, sum(rows_in) as rows_in, "
            "sum(rows_staged + rows_duplicate + rows_rejected) as rows_out, "
            "sum(amount_in) as money_in, "
            "sum(amount_staged + amount_duplicate + amount_rejected) as money_out "
            "from received.files"
        )
    assert figures["files"] >= RECEIVED
    assert figures["rows_in"] == figures["rows_out"] > 0
    assert figures["money_in"] == figures["money_out"]
    assert isinstance(figures["money_in"], Decimal)
