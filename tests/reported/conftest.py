"""What several tests of packs need once."""

import fcntl
import os

import pytest

from tests.reported.office import why_missing


@pytest.fixture(scope="session")
def office(tmp_path_factory) -> None:
    """LibreOffice is there; installed once for all test processes where that is possible."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    told = shared / "office.txt"
    with (shared / "office.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(why_missing() or "", encoding="utf-8")
    if sentence := told.read_text(encoding="utf-8"):
        pytest.skip(sentence)
