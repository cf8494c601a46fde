"""A run's writing session: the window's slices of every table, in one transaction."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from io_managers import progress
from io_managers.progress import Written

SLICE_COLUMNS = ("as_of", "known_on")
ROW_GROUP = 122_880
CLOSING_TABLE = "reported.packs"  # a day is closed when its slice of this table stands


@dataclass(frozen=True)
class Window:
    """The days that a run computes, both ends included."""

    day_from: date
    day_until: date

    def __post_init__(self) -> None:
        if self.day_until < self.day_from:
            raise ValueError(f"the window ends ({self.day_until}) before it starts")

    @property
    def days(self) -> list[date]:
        """Every day of the window, oldest first."""
        count = (self.day_until - self.day_from).days + 1
        return [self.day_from + timedelta(days=offset) for offset in range(count)]

    def __contains__(self, day: date) -> bool:
        return self.day_from <= day <= self.day_until


@dataclass(frozen=True)
class Query:
    """A select statement whose result becomes a table's slice."""

    sql: str


@dataclass(frozen=True)
class Batches:
    """Frames that together become a table's slice; `empty` gives the columns when none come.

    The frames of a group are made while they are written, so making them may not use the session;
    between two groups it may.
    """

    groups: Iterable[Iterable[pl.DataFrame]]
    empty: pl.DataFrame


Content = Query | Batches | pl.DataFrame


class Session:
    """One transaction over the warehouse: all slices of a run appear together or not at all.

    The tables are replaced by day: exactly the rows of the window go, and the new ones are
    inserted by column name. A table is sliced by `as_of`, else by `known_on`; a table with
    neither is a reference table and is replaced whole.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.window: Window | None = None
        self.written: list[Written] = []
        self._noted: set[tuple[str, Window]] = set()
        self.connection.execute("begin transaction")
        self.connection.execute("create schema if not exists warehouse")
        self.connection.execute(
            "create table if not exists warehouse.slices "
            "(table_name varchar, day date, run_id varchar, written_at timestamp)"
        )

    def use(self, window: Window) -> None:
        """Tell SQL models which days to compute."""
        if window == self.window:
            return
        self.connection.execute("set variable day_from = ?", [window.day_from])
        self.connection.execute("set variable day_until = ?", [window.day_until])
        self.connection.execute("set variable days = ?", [window.days])
        self.window = window

    def replace(self, table: str, content: Content, run_id: str = "") -> Written:
        """Replace the window's days of a table and note the slices."""
        if self.window is None:
            raise RuntimeError("use(window) comes before replace")
        started = time.perf_counter()
        rows = self._write(table, content)
        self._note_slices(table, run_id)
        result = Written(table, rows, time.perf_counter() - started)
        self.written.append(result)
        progress.wrote(result)
        return result

    def refill(self, table: str, content: Content) -> int:
        """Replace the window's days of a table that has the columns; the number of new rows."""
        self._delete_window(table)
        if isinstance(content, Batches):
            return sum(
                self._insert(table, _stream(group, content.empty)) for group in content.groups
            )
        return self._insert(table, content)

    def commit(self) -> None:
        """Make everything of this session visible at once."""
        self.connection.execute("commit")

    def rollback(self) -> None:
        """Leave the warehouse as it was before the session."""
        self.connection.execute("rollback")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        cursor = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def columns(self, table: str) -> dict[str, str]:
        """Column names and types of a table, empty if there is no such table."""
        try:
            none = self.connection.execute(" ".join(["from", table, "limit 0"]))
        except duckdb.CatalogException:
            return {}
        return {column[0]: str(column[1]) for column in none.description or []}

    def has_noted(self, table: str, window: Window) -> bool:
        """Whether this session has written the table for a window."""
        return (table, window) in self._noted

    def prepare(self, table: str, sample: Query | pl.DataFrame) -> None:
        """Create the table, or add the columns that it does not have yet."""
        existing = self.columns(table)
        with self._source(sample) as source:
            if not existing:
                schema = table.split(".")[0]
                self.connection.execute(" ".join(["create schema if not exists", schema]))
                self.connection.execute(
                    " ".join(["create table", table, "as from (", source, ") limit 0"])
                )
                return
            described = self.connection.execute(" ".join(["describe", source])).fetchall()
            wanted = {row[0]: row[1] for row in described}
        for column in wanted.keys() - existing.keys():
            self.connection.execute(
                " ".join(["alter table", table, "add column", _name(column), wanted[column]])
            )

    def _write(self, table: str, content: Content) -> int:
        """Replace the window's days, in a table that may not be there or lack columns yet."""
        if isinstance(content, Query) and self.columns(table):
            try:  # planning a large query once more, to see its columns, takes as long as a day
                return self.refill(table, content)
            except duckdb.BinderException:
                pass  # a column is new, or the query is wrong: which of them, it will tell again
        self.prepare(table, content.empty if isinstance(content, Batches) else content)
        return self.refill(table, content)

    def _delete_window(self, table: str) -> None:
        assert self.window is not None
        column = slice_column(self.columns(table))
        if column is None:
            self.connection.execute(" ".join(["delete from", table]))
        else:
            self.connection.execute(
                " ".join(["delete from", table, "where", column, "between ? and ?"]),
                [self.window.day_from, self.window.day_until],
            )

    def _insert(self, table: str, content: Query | pl.DataFrame | pa.RecordBatchReader) -> int:
        with self._source(content) as source:
            done = self.connection.execute(
                " ".join(["insert into", table, "by name from (", source, ")"])
            ).fetchone()
        return int(done[0]) if done else 0

    def _source(self, content: Query | pl.DataFrame | pa.RecordBatchReader) -> "_Source":
        return _Source(self.connection, content)

    def _note_slices(self, table: str, run_id: str) -> None:
        assert self.window is not None
        self.connection.execute(
            "delete from warehouse.slices where table_name = ? and day between ? and ?",
            [table, self.window.day_from, self.window.day_until],
        )
        self.connection.execute(
            "insert into warehouse.slices select ?, unnest(getvariable('days')), ?, "
            "current_localtimestamp()",
            [table, run_id],
        )
        self._noted.add((table, self.window))


class _Source:
    """A select statement for a query or a frame; the frame is registered while it is used."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        content: Query | pl.DataFrame | pa.RecordBatchReader,
    ) -> None:
        self.connection = connection
        self.content = content

    def __enter__(self) -> str:
        if isinstance(self.content, Query):
            return self.content.sql
        content = self.content
        self.connection.register(
            "incoming_frame",
            content if isinstance(content, pa.RecordBatchReader) else _arrow(content),
        )
        return "select * from incoming_frame"

    def __exit__(self, *_: object) -> None:
        if not isinstance(self.content, Query):
            self.connection.unregister("incoming_frame")


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """The frame without a copy of its texts."""
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())


def _stream(frames: Iterable[pl.DataFrame], empty: pl.DataFrame) -> pa.RecordBatchReader:
    """Frames one after the other, in pieces of what DuckDB writes as one row group.

    In one insert they go to disk as they come; with one insert for each, DuckDB would hold all of
    them in memory until the commit.
    """
    pieces = (
        piece for frame in frames for piece in _arrow(frame).to_batches(max_chunksize=ROW_GROUP)
    )
    return pa.RecordBatchReader.from_batches(_arrow(empty).schema, pieces)


def slice_column(columns: Iterable[str]) -> str | None:
    """The column by which a table is replaced: `as_of`, else `known_on`, else none (whole)."""
    present = set(columns)
    return next((column for column in SLICE_COLUMNS if column in present), None)


def days_left_open(session: Session, window: Window) -> list[date]:
    """Days between the closed days and the window that neither has: a hole in the books."""
    found = session.rows(
        "with had as ("
        "select distinct day from warehouse.slices where table_name = ? "
        "union select unnest(cast(? as date[]))) "
        "select cast(unnest(generate_series(min(day), max(day), interval 1 day)) as date) as day "
        "from had except select day from had order by day",
        [CLOSING_TABLE, window.days],
    )
    return [row["day"] for row in found]


def missing_slices(session: Session, tables: Iterable[str], window: Window) -> Iterator[str]:
    """Sentences for the tables that have no slice for some day of the window."""
    asked = sorted(table for table in tables if not session.has_noted(table, window))
    if not asked:
        return
    found = session.connection.execute(
        "select table_name, count(distinct day) from warehouse.slices "
        "where list_contains(?, table_name) and day between ? and ? group by table_name",
        [asked, window.day_from, window.day_until],
    )
    days = dict(found.fetchall())
    for table in asked:
        if days.get(table, 0) < len(window.days):
            yield f"{table} has not been computed for {window.day_from}..{window.day_until}"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
