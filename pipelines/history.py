"""The run history: Dagster's own record of runs, which the web page shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.run_log import RunLog
from receivables.home import REPOSITORY, Home

# In a window longer than this, Dagster plans a run's materializations table by table instead of
# one by one for every table and day. (If such a run fails, the web page shows the failed run but
# does not mark its days.)
LONG_WINDOW_DAYS = 7
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

    A run writes an event per table and day. Where the history is in SQLite, `RunLog` makes that
    bearable.
    """
    prepare(home)
    if days > LONG_WINDOW_DAYS:
        os.environ[_PLAN_BY_TABLE] = "1"
    try:
        with dg.DagsterInstance.from_ref(_of_one_run(os.environ["DAGSTER_HOME"])) as instance:
            yield instance
    finally:
        os.environ.pop(_PLAN_BY_TABLE, None)


def _of_one_run(folder: str) -> InstanceRef:
    """The history as configured in a folder, with its log in SQLite as a run writes it best."""
    configured = InstanceRef.from_dir(folder)
    log = configured.event_storage_data
    if log is None or log.class_name != SqliteEventLogStorage.__name__:
        return configured
    ours = {
        "module": RunLog.__module__,
        "class": RunLog.__name__,
        "config": yaml.safe_load(log.config_yaml),
    }
    return InstanceRef.from_dir(folder, overrides={"event_log_storage": ours})
