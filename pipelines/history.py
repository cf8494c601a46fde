"""The run history: Dagster's own record of runs, which the web page shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from receivables.home import REPOSITORY, Home

# In a window longer than this, Dagster plans a run's materializations table by table instead of
# one by one for every table and day. (If such a run fails, the web page shows the failed run but
# does not mark its days.)
LONG_WINDOW_DAYS = 31
_PLAN_BY_TABLE = "DAGSTER_EMIT_PARTITION_SUBSET_IN_PLANNED_EVENTS"


def prepare(home: Home) -> None:
    """Make sure that the history of a home has its folder and settings, and is the one in use.

    A DAGSTER_HOME that is set already (a server with its own database, say) stays.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        shutil.copyfile(REPOSITORY / "dagster.yaml", settings)
    os.environ.setdefault("DAGSTER_HOME", str(home.dagster))


@contextmanager
def history(home: Home, days: int) -> Iterator[dg.DagsterInstance]:
    """The history for a run over so many days.

    SQLite keeps it in write-ahead mode, where synchronous=normal is safe against a crash of the
    process and spares the disk a flush for each of the events, of which there is one per table
    and day.
    """
    prepare(home)
    event.listen(Engine, "connect", _spare_the_disk)
    if days > LONG_WINDOW_DAYS:
        os.environ[_PLAN_BY_TABLE] = "1"
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        event.remove(Engine, "connect", _spare_the_disk)
        os.environ.pop(_PLAN_BY_TABLE, None)


def _spare_the_disk(connection: Any, _: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("pragma synchronous = normal")
