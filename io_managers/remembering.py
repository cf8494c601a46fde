"""What a run has stored in its history, answered from memory while the run lasts.

Before each table Dagster asks its history for the newest materialization of every table that it
reads, to note from which versions it was made. A close has just written all of them itself, and
asking for each again and again costs more than most tables do (see docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg

_MATERIALIZED = dg.DagsterEventType.ASSET_MATERIALIZATION


class _Memory:
    """The answers of a history that no event has changed since they were given."""

    def __init__(self, log: Any) -> None:
        self._store = log.store_event
        self._records = log.get_asset_records
        self._tags = log.get_latest_tags_by_partition
        self._newest: dict[dg.AssetKey, Any] = {}
        self._by_partition: dict[dg.AssetKey, dict[str, Mapping[str, str]]] = {}

    def store(self, event: dg.EventLogEntry) -> None:
        """Store an event; forget what it changes, and remember the tags that it brings."""
        self._store(event)
        about = event.dagster_event.asset_key if event.dagster_event else None
        if about is not None:
            self._newest.pop(about, None)
        told = event.asset_materialization
        if told is not None and told.partition is not None:
            self._by_partition.setdefault(told.asset_key, {})[told.partition] = told.tags or {}

    def records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> Sequence[Any]:
        """What is known of each table, its newest materialization above all."""
        if asset_keys is None:
            return self._records(None)
        if unknown := [key for key in asset_keys if key not in self._newest]:
            found = self._records(unknown)
            self._newest |= {record.asset_entry.asset_key: record for record in found}
        return [self._newest[key] for key in asset_keys if key in self._newest]

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
        is_newest = event_type is _MATERIALIZED and before_cursor is None and after_cursor is None
        if is_newest and asset_partitions and all(day in known for day in asset_partitions):
            return {
                day: {key: known[day][key] for key in tag_keys if key in known[day]}
                for day in asset_partitions
            }
        return self._tags(
            asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
        )


@contextmanager
def remembering(instance: dg.DagsterInstance) -> Iterator[None]:
    """Answer from memory what the run under way in this process has stored.

    One run at a time writes the tables, so nobody else stores a newer materialization meanwhile.
    """
    log = instance.event_log_storage
    memory = _Memory(log)
    answers = {
        "store_event": memory.store,
        "get_asset_records": memory.records,
        "get_latest_tags_by_partition": memory.tags,
    }
    vars(log).update(answers)
    try:
        yield
    finally:
        for name in answers:
            del vars(log)[name]
