"""Small worlds for table tests: a few rows in, one or more models run, the rows out."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import polars as pl

from assets.flow import python_models
from assets.python_model import PythonModel
from assets.received.inbox import flags_schema
from assets.sql_model import ROOT, SqlModel, Statement, read_models
from assets.staged.calendar import working_days
from io_managers.connection import configured
from io_managers.session import Content, Query, Session, Window
from receivables.contracts import KINDS
from receivables.home import REPOSITORY
from receivables.policy import Policy
from receivables.sources.figures import FILES_SCHEMA, REJECTED_ROWS_SCHEMA
from tests.emptiness import can_have_rows

CALENDAR = "staged.calendar"
POLICY = Policy.read(REPOSITORY / "config" / "policy.yaml")


@cache
def models() -> dict[str, SqlModel]:
    """All SQL models by table name."""
    return {model.table: model for model in read_models()}


@cache
def made() -> Mapping[str, PythonModel]:
    """The tables that Python works out of other tables, by name."""
    return python_models()


def reads(table: str) -> list[str]:
    """The other tables that a table is computed from; none for one that is received."""
    if table in models():
        return sorted(models()[table].statement.reads - {table})
    return sorted(made()[table].reads - {table}) if table in made() else []


def content(table: str, session: Session) -> Content:
    """What a table is filled with over the session's window."""
    if table in models():
        return Query(models()[table].statement.query)
    assert session.window is not None
    return made()[table].make(session, session.window)


def may_have_rows(table: str, filled: Collection[str]) -> bool:
    """Whether a table has or can get rows, when these tables have some.

    What is computed from nothing is nothing; tests/house sees to it that it is so.
    """
    if table in filled or not reads(table):
        return True
    if table in models():
        return can_have_rows(models()[table].statement.query, {*filled, CALENDAR})
    return any(read in filled for read in reads(table))


def upstream(*tables: str, stages: Iterable[str]) -> list[str]:
    """The tables of some stages that lead to the given ones, in the order of what they read."""
    found: list[str] = []

    def visit(table: str) -> None:
        is_computed = table in models() or table in made()
        if table in found or not is_computed or table.split(".")[0] not in stages:
            return
        for read in reads(table):
            visit(read)
        found.append(table)

    for table in tables:
        visit(table)
    return found


@cache
def calendar() -> pl.DataFrame:
    """Working days of the years that tests speak of."""
    return working_days(2025, 2028)


def day(text: str) -> date:
    """A date from YYYY-MM-DD or MM-DD of 2026."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def money(value: Any) -> Decimal:
    """An amount with two decimals."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Empty:
    """A database with every table, empty, and the types of each table's columns.

    Worlds are transactions over it that are never committed. Planning the models is what a small
    world spends its time on, so the tables are planned once.
    """

    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, Mapping[str, str]]


def in_memory() -> duckdb.DuckDBPyConnection:
    """A database of one thread: with a few rows in a table, more only wait for each other."""
    return duckdb.connect(config={"threads": 1})


@cache
def empty_tables() -> Empty:
    """The empty tables of this process."""
    session = Session(configured(in_memory(), POLICY))
    session.use(Window(date(2026, 5, 1), date(2026, 5, 1)))
    there: set[str] = set()
    received = ("files", "rejected_rows", *KINDS)
    for table in [CALENDAR, *(f"received.{kind}" for kind in received), *models(), *made()]:
        with suppress(duckdb.Error, KeyError):  # the test that needs the table will say why
            create(table, session, there)
    session.commit()
    columns: dict[str, dict[str, str]] = {}
    for row in session.rows(
        "select schema_name || '.' || table_name as in_table, column_name, data_type "
        "from duckdb_columns() where not internal order by in_table, column_index"
    ):
        columns.setdefault(row["in_table"], {})[row["column_name"]] = row["data_type"]
    return Empty(session.connection, columns)


def create(table: str, session: Session, there: set[str]) -> None:
    """Create a table, empty, with the columns that its model gives it, after those that it reads.

    Args:
        table: The table, `stage.table`.
        session: Where.
        there: The tables that are there; those made are added.

    Raises:
        KeyError: there is no such table.
        duckdb.Error: the model cannot be planned.
    """
    if table in there:
        return
    session.connection.execute(f"create schema if not exists {table.split('.')[0]}")
    if table in models():
        for read in reads(table):
            create(read, session, there)
        query = models()[table].statement.query
        session.connection.execute(f"create table {table} as from ({query}) limit 0")
    else:
        session.connection.register("incoming_frame", frame(table).to_arrow())
        session.connection.execute(f"create table {table} as from incoming_frame")
        session.connection.unregister("incoming_frame")
    there.add(table)


def frame(table: str) -> pl.DataFrame:
    """A table that no SQL model makes: empty, but for the calendar.

    Raises:
        KeyError: there is no such table.
    """
    stage, name = table.split(".")
    if stage == "received" and name in KINDS:
        return pl.DataFrame(schema={**flags_schema(KINDS[name]), **KINDS[name].polars_schema})
    if table == "received.files":
        return pl.DataFrame(schema=FILES_SCHEMA)
    if table == "received.rejected_rows":
        return REJECTED_ROWS_SCHEMA.to_frame()
    if table == CALENDAR:
        return calendar()
    return made()[table].empty


class World:
    """An in-memory warehouse for a test.

    `given` puts rows into any table (columns left out are null); `run` computes models over a
    window of days, in the order named; `rows` reads back.
    """

    def __init__(self, policy: Policy = POLICY, apart: bool = False) -> None:
        """`apart` gives the world a database of its own, so that it can commit."""
        database = in_memory() if apart else empty_tables().connection.cursor()
        self.is_apart = apart
        self.connection = configured(database, policy)
        self.session = Session(self.connection)
        # The columns of the tables that are there; asking the catalogue takes its time.
        self._columns = {} if apart else dict(empty_tables().columns)
        self._use("2026-05-01", "2026-05-01")

    def given(self, table: str, rows: Iterable[Mapping[str, Any]]) -> "World":
        """Insert rows; text in date columns is read as a day, numbers in money columns exactly."""
        self.have(table)
        columns = self._columns[table]
        alike: dict[tuple[str, ...], list[list[Any]]] = {}
        for row in rows:
            row = {**self._defaults(table), **row}
            unknown = row.keys() - columns.keys()
            if unknown:
                raise KeyError(f"{table} has no column {sorted(unknown)}")
            values = [self._typed(columns[name], value) for name, value in row.items()]
            alike.setdefault(tuple(row), []).append(values)
        for names, lists in alike.items():
            one = ", ".join(f"cast(? as {columns[name]})" for name in names)
            self.connection.execute(
                f"insert into {table} ({', '.join(names)}) values "
                + ", ".join([f"({one})"] * len(lists)),
                [value for values in lists for value in values],
            )
        return self

    def run(self, *tables: str, day_from: str, until: str | None = None) -> "World":
        """Compute tables over a window, in the given order."""
        self._use(day_from, until or day_from)
        computed = [table for table in tables if table != CALENDAR]
        needed = {read for table in computed for read in reads(table)}.union(tables)
        for table in needed:
            self.have(table)
        filled = self._filled(needed - {CALENDAR})
        for table in computed:
            if not may_have_rows(table, filled):
                continue
            if self.session.refill(table, content(table, self.session)):
                filled.add(table)
        return self

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query."""
        return self.session.rows(query)

    def audit(self, name: str, day_from: str, until: str | None = None) -> list[dict[str, Any]]:
        """The offending rows of an audit `stage/name` over a window."""
        stage, stem = name.split("/")
        statement = Statement.read(ROOT / stage / "audits" / f"{stem}.sql")
        self._use(day_from, until or day_from)
        for read in sorted(statement.reads):
            self.have(read)
        return self.session.rows(statement.query)

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Keep what is there, and undo whatever the block does to it (only in a world apart)."""
        if not self.is_apart:
            raise RuntimeError("what a world that is not apart keeps, all later tests would see")
        self.connection.execute("commit")
        self.connection.execute("begin transaction")
        columns = dict(self._columns)
        try:
            yield
        finally:
            self._columns = columns
            self.connection.execute("rollback")
            self.connection.execute("begin transaction")

    def have(self, table: str) -> None:
        """Create a table, empty, with the columns of its model, and those it is computed from."""
        if table in self._columns:
            return
        found, planned = self.session.columns(table), empty_tables().columns.get(table)
        if not found and planned is None:  # now the model says why it could not be planned
            create(table, self.session, set(self._columns))
        elif not found and planned:
            for read in reads(table):
                self.have(read)
            typed = ", ".join(f'"{name}" {kind}' for name, kind in planned.items())
            self.connection.execute(f"create schema if not exists {table.split('.')[0]}")
            self.connection.execute(f"create table {table} ({typed})")
            if table == CALENDAR:
                self.session.refill(table, calendar())
        self._columns[table] = found or planned or self.session.columns(table)

    def _filled(self, tables: Iterable[str]) -> set[str]:
        """The tables that have rows."""
        some = [f"(select '{table}' as filled from {table} limit 1)" for table in tables]
        return {row["filled"] for row in self.rows(" union all ".join(some))} if some else set()

    def _use(self, day_from: str, until: str) -> None:
        self.session.use(Window(day(day_from), day(until)))

    def _defaults(self, table: str) -> dict[str, Any]:
        if table.removeprefix("received.") in KINDS:
            return {"file_id": "file", "row_no": 1, "is_duplicate": False, "is_standing": True}
        return {}

    def _typed(self, kind: str, value: Any) -> Any:
        if kind == "DATE" and isinstance(value, str):
            return day(value)
        if kind.startswith("DECIMAL") and value is not None:
            return Decimal(str(value))
        return value
