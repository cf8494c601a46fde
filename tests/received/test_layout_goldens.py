"""Every shipped layout reads its fixtures as their goldens say, rejected rows and totals included.

How fixtures and goldens are kept stands in `goldens.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from receivables.sources import Sources, read_file
from tests.received.goldens import FOLDER, golden_of, inputs, understood


def case_name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", inputs(), ids=case_name)
def test_a_fixture_reads_as_its_golden_says(path: Path, shipped: Sources):
    golden = json.loads(golden_of(path).read_text(encoding="utf-8"))
    assert golden.pop("shows"), "say in the golden which traps the fixture shows"
    assert golden["layout"] == path.parent.name
    assert understood(read_file(path, shipped)) == golden


def test_every_shipped_layout_has_a_fixture(shipped: Sources):
    assert {path.parent.name for path in inputs()} == {layout.name for layout in shipped.layouts}
