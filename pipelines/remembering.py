"""What a run has stored in its history, answered from memory while the run lasts.

Before each table Dagster asks its history for the newest materialization of every table that it
reads, to note from which versions it was made. A close has just written all of them itself, and
asking again costs more than most tables do (see docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster._core.event_api import EventLogRecord
from dagster._core.storage.event_log.base import AssetEntry, AssetRecord
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage


class _Memory:
    """The materializations stored since it was made; of others the history is asked as ever."""

    def __init__(self, log: SqlEventLogStorage) -> None:
        self._store = log._store_asset_event  # noqa: SLF001
        self._records = log.get_asset_records
        self._tags = log.get_latest_tags_by_partition
        self._newest: dict[dg.AssetKey, AssetRecord] = {}
        self._by_partition: dict[dg.AssetKey, dict[str, Mapping[str, str]]] = {}

    def store(self, connection: Any, event: dg.EventLogEntry, event_id: int) -> None:
        """Store an event about a table, and remember it."""
        self._store(connection, event, event_id)
        told = event.asset_materialization
        if told is None:
            return
        entry = AssetEntry(
            asset_key=told.asset_key,
            last_materialization_record=EventLogRecord(event_id, event),
            last_run_id=event.run_id,
        )
        self._newest[told.asset_key] = AssetRecord(storage_id=event_id, asset_entry=entry)
        if told.partition is not None:
            self._by_partition.setdefault(told.asset_key, {})[told.partition] = told.tags or {}

    def records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> Sequence[AssetRecord]:
        """The newest materialization of each table."""
        if asset_keys is None:
            return self._records(None)
        unknown = [key for key in asset_keys if key not in self._newest]
        known = [self._newest[key] for key in asset_keys if key in self._newest]
        return [*known, *(self._records(unknown) if unknown else [])]

    def tags(
        self,
        asset_key: dg.AssetKey,
        event_type: dg.DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """The tags of the newest materialization of each day of a table."""
        known = self._by_partition.get(asset_key, {})
        is_known = (
            event_type is dg.DagsterEventType.ASSET_MATERIALIZATION
            and asset_partitions is not None
            and before_cursor is None
            and after_cursor is None
            and all(day in known for day in asset_partitions)
        )
        if not is_known or asset_partitions is None:
            return self._tags(
                asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
            )
        return {
            day: {key: known[day][key] for key in tag_keys if key in known[day]}
            for day in asset_partitions
        }


@contextmanager
def remembering(instance: dg.DagsterInstance) -> Iterator[None]:
    """Answer from memory what the run under way in this process has stored.

    One run at a time writes the tables, so nobody else stores a newer materialization meanwhile.
    """
    log = instance.event_log_storage
    if not isinstance(log, SqlEventLogStorage):
        yield
        return
    memory = _Memory(log)
    answers = {
        "_store_asset_event": memory.store,
        "get_asset_records": memory.records,
        "get_latest_tags_by_partition": memory.tags,
    }
    vars(log).update(answers)
    try:
        yield
    finally:
        for name in answers:
            del vars(log)[name]
