"""The four months of the sample inbox, closed once for all tests and test processes."""

import fcntl
import os
from pathlib import Path

import pytest

from tests.days.sample import close, open_warehouse


@pytest.fixture(scope="session")
def closed_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a warehouse with the sample's days closed in one run; never to be changed."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    warehouse, done = shared / "months.duckdb", shared / "months.done"
    with (shared / "months.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            warehouse.unlink(missing_ok=True)
            connection = open_warehouse(warehouse)
            close(connection, "2026-05-01", "2026-08-31")
            connection.execute(  # packs are not written here; a close notes the days they are of
                "insert into warehouse.slices values "
                "('reported.packs', date '2026-08-31', 'run', timestamp '2026-09-01 07:00:00')"
            )
            connection.close()
            done.touch()
    return warehouse
