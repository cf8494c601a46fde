"""The run history: Dagster's own record of runs, which the web page shows."""

from __future__ import annotations

import os
import shutil
import sqlite3
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

    A run writes an event per table and day, each in a connection of its own. Where the history is
    in SQLite, two things make that bearable and are safe: in write-ahead mode synchronous=normal
    needs no flush per event, and a connection held open keeps each closing one from folding the
    log into the file.
    """
    prepare(home)
    held: dict[str, sqlite3.Connection] = {}

    def on_connect(connection: Any, _: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("pragma synchronous = normal")
        file = connection.execute("pragma database_list").fetchone()[2]
        if file and file not in held:
            held[file] = sqlite3.connect(file, check_same_thread=False)
            held[file].execute("select count(*) from sqlite_master").fetchone()

    event.listen(Engine, "connect", on_connect)
    if days > LONG_WINDOW_DAYS:
        os.environ[_PLAN_BY_TABLE] = "1"
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        event.remove(Engine, "connect", on_connect)
        os.environ.pop(_PLAN_BY_TABLE, None)
        for connection in held.values():
            connection.close()
