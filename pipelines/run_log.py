"""Dagster's log of events as a close writes it: files stay open, and its own events in memory.

Dagster's SQLite store opens a file, makes an engine and compiles its statements anew for each of
the thousand events of a run, and each step asks the files for the versions of the tables that it
reads, which the same run has just written. Both took longer than the tables of a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
import sqlalchemy
from dagster import DagsterEventType
from dagster._core.storage.event_log.base import AssetEntry, AssetRecord
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

BUSY_SECONDS = 30


class RunLog(SqliteEventLogStorage):
    """The log of the process that executes one run. The web page reads the same files.

    In write-ahead mode synchronous=normal is safe and needs no flush per event.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._open: dict[str, tuple[sqlalchemy.Engine, Connection]] = {}
        self._made: dict[dg.AssetKey, AssetRecord] = {}
        self._tags: dict[tuple[dg.AssetKey, str], Mapping[str, str]] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> RunLog:
        """Made by Dagster from what `pipelines.history` configures."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._open:
                self._open[shard] = self._opened(shard)
            connection = self._open[shard][1]
            with connection.begin():
                yield connection

    def _opened(self, shard: str) -> tuple[sqlalchemy.Engine, Connection]:
        engine = sqlalchemy.create_engine(
            self.conn_string_for_shard(shard),
            poolclass=NullPool,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        connection = engine.connect()
        connection.exec_driver_sql("pragma synchronous = normal")
        connection.rollback()
        return engine, connection

    def _store_asset_event(self, conn: Connection, event: dg.EventLogEntry, event_id: int) -> None:
        super()._store_asset_event(conn, event, event_id)
        found = event.dagster_event
        made = event.asset_materialization
        if not found or not made:
            return
        record = dg.EventLogRecord(storage_id=event_id, event_log_entry=event)
        entry = AssetEntry(
            asset_key=made.asset_key, last_materialization_record=record, last_run_id=event.run_id
        )
        self._made[made.asset_key] = AssetRecord(storage_id=event_id, asset_entry=entry)
        if made.partition is not None:
            self._tags[made.asset_key, made.partition] = made.tags or {}

    def get_asset_records(
        self, asset_keys: Sequence[dg.AssetKey] | None = None
    ) -> Sequence[AssetRecord]:
        """What is known of tables; of those that this run made, their materialization only."""
        if asset_keys is None or not all(key in self._made for key in asset_keys):
            return super().get_asset_records(asset_keys)
        return [self._made[key] for key in asset_keys]

    def get_latest_tags_by_partition(
        self,
        asset_key: dg.AssetKey,
        event_type: DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """The tags of the newest event of each day; of days that this run made, from memory."""
        days = asset_partitions or ()
        if (
            not days
            or event_type != DagsterEventType.ASSET_MATERIALIZATION
            or (before_cursor, after_cursor) != (None, None)
            or any((asset_key, day) not in self._tags for day in days)
        ):
            return super().get_latest_tags_by_partition(
                asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
            )
        tags = {day: self._tags[asset_key, day] for day in days}
        return {day: {key: tags[day][key] for key in tag_keys if key in tags[day]} for day in days}

    def dispose(self) -> None:
        """Close the files."""
        for engine, connection in self._open.values():
            connection.close()
            engine.dispose()
        self._open.clear()
        super().dispose()
