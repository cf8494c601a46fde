"""The run history: Dagster's own record of runs, which the web page shows."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, cast

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from receivables.home import REPOSITORY, Home

# In a window longer than this, Dagster plans a run's materializations table by table instead of
# one by one for every table and day. (If such a run fails, the web page shows the failed run but
# does not mark its days.)
LONG_WINDOW_DAYS = 7
# Where SQLite holds the events: a file per run and one for all tables.
_LOG_FOLDER = "runs"
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


class _Kept(sqlite3.Connection):
    """A connection that stays open when it is given back, for whoever asks next."""

    is_free = False

    def close(self) -> None:
        """Stay open; `end` closes."""
        self.is_free = True

    def end(self) -> None:
        """Close."""
        super().close()


@contextmanager
def history(home: Home, days: int) -> Iterator[dg.DagsterInstance]:
    """The history for a run over so many days.

    A run writes an event per table and day, each in several connections of its own. Where the
    history is in SQLite, two things make that bearable and are safe: in write-ahead mode
    synchronous=normal needs no flush per event, and the log's files are opened once instead of for
    every event. Dagster asks for a file again while it is still writing into it: that gets a
    connection of its own, for giving back the same one would take back what was written.
    """
    prepare(home)
    kept: dict[str, list[_Kept]] = defaultdict(list)
    choosing = Lock()

    def connect(_dialect: Any, _record: Any, where: Any, options: Any) -> _Kept | None:
        file = str(where[0]) if where else ""
        if Path(file).parent.name != _LOG_FOLDER:
            return None
        with choosing:
            chosen = next((one for one in kept[file] if one.is_free), None)
            if chosen is None:
                options = {**options, "check_same_thread": False, "factory": _Kept}
                chosen = cast(_Kept, sqlite3.connect(*where, **options))
                chosen.execute("pragma synchronous = normal")
                kept[file].append(chosen)
            chosen.is_free = False
        return chosen

    event.listen(Engine, "do_connect", connect)
    if days > LONG_WINDOW_DAYS:
        os.environ[_PLAN_BY_TABLE] = "1"
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        event.remove(Engine, "do_connect", connect)
        os.environ.pop(_PLAN_BY_TABLE, None)
        for connection in chain.from_iterable(kept.values()):
            connection.end()
