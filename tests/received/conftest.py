"""What the tests of reading share: workbooks from plain rows, layouts, a seed."""

from __future__ import annotations

import os
import random
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from receivables.home import REPOSITORY
from receivables.sources import Parsed, Sources, read_file

# The same seed gives the same examples: SIDAN_SEED=… repeats a failure.
SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))

Sheets = Mapping[str, Sequence[Sequence[object]]]


def pytest_report_header() -> str:
    return f"SIDAN_SEED={SEED}"


@pytest.fixture(scope="session")
def shipped() -> Sources:
    """The layouts in config/sources."""
    return Sources.read(REPOSITORY / "config" / "sources")


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook of named sheets with plain rows."""

    def write(name: str, sheets: Sheets) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for number, row in enumerate(rows, start=1):
                for place, value in enumerate(row, start=1):
                    if value is not None:
                        sheet.cell(number, place, value)
        path = tmp_path / name
        book.save(path)
        return path

    return write


@pytest.fixture
def read(tmp_path: Path, workbook: Callable[..., Path]) -> Callable[..., Parsed]:
    """Read rows of one sheet by a layout given as YAML."""

    def run(layout: str, rows, name: str = "某链结算.xlsx", sheet: str = "S") -> Parsed:
        folder = tmp_path / "sources"
        folder.mkdir(exist_ok=True)
        (folder / "test.yaml").write_text(textwrap.dedent(layout), encoding="utf-8")
        return read_file(workbook(name, {sheet: rows}), Sources.read(folder))

    return run
