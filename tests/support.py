"""Small worlds for table tests: a few rows in, one or more models run, the rows out."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
    """The other tables that a table is computed from."""
    found = models()[table].statement.reads if table in models() else made()[table].reads
    return sorted(found - {table})


def content(table: str, session: Session) -> Content:
    """What a table is filled with over the session's window."""
    if table in models():
        return Query(models()[table].statement.query)
    assert session.window is not None
    return made()[table].make(session, session.window)


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


@cache
def empty_tables() -> duckdb.DuckDBPyConnection:
    """A database with every table, empty; each world is a transaction that is never committed.

    Planning the models is what a small world spends its time on, so it is done once.
    """
    world = World(apart=True)
    for table in ["staged.calendar", *models()]:
        with suppress(duckdb.Error, KeyError):  # the test that needs the table will say why
            world.have(table)
    world.connection.execute("commit")
    return world.connection


class World:
    """An in-memory warehouse for a test.

    `given` puts rows into any table (columns left out are null); `run` computes models over a
    window of days, in the order named; `rows` reads back.
    """

    def __init__(self, policy: Policy = POLICY, apart: bool = False) -> None:
        """`apart` gives the world a database of its own, so that it can commit."""
        database = duckdb.connect() if apart else empty_tables().cursor()
        self.is_apart = apart
        self.connection = configured(database, policy)
        self.session = Session(self.connection)
        self._tables: set[str] = set()  # known to be there; asking the catalogue takes its time
        self._use("2026-05-01", "2026-05-01")

    def given(self, table: str, rows: Iterable[Mapping[str, Any]]) -> "World":
        """Insert rows; text in date columns is read as a day, numbers in money columns exactly."""
        self.have(table)
        none = self.connection.execute(f"from {table} limit 0")
        columns = {column[0]: str(column[1]) for column in none.description or []}
        for row in rows:
            row = {**self._defaults(table), **row}
            unknown = row.keys() - columns.keys()
            if unknown:
                raise KeyError(f"{table} has no column {sorted(unknown)}")
            names = list(row)
            values = [self._typed(columns[name], row[name]) for name in names]
            self.connection.execute(
                f"insert into {table} ({', '.join(names)}) values "
                f"({', '.join(f'cast(? as {columns[name]})' for name in names)})",
                values,
            )
        return self

    def run(self, *tables: str, day_from: str, until: str | None = None) -> "World":
        """Compute tables over a window, in the given order."""
        self._use(day_from, until or day_from)
        for table in tables:
            if table == "staged.calendar":
                self.have(table)
                continue
            for read in reads(table):
                self.have(read)
            self.have(table)
            self.session.refill(table, content(table, self.session))
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
        try:
            yield
        finally:
            self.connection.execute("rollback")
            self.connection.execute("begin transaction")

    def have(self, table: str) -> None:
        """Create a table, empty, with the columns that its model gives it."""
        if table in self._tables:
            return
        self._tables.add(table)
        if self.session.columns(table):
            return
        stage, name = table.split(".")
        self.connection.execute(f"create schema if not exists {stage}")
        if stage == "received" and name in KINDS:
            contract = KINDS[name]
            schema = {**flags_schema(contract), **contract.polars_schema}
            self._create(table, pl.DataFrame(schema=schema))
        elif table == "staged.calendar":
            self._create(table, calendar())
        elif table == "received.files":
            self._create(table, pl.DataFrame(schema=FILES_SCHEMA))
        elif table == "received.rejected_rows":
            self._create(table, REJECTED_ROWS_SCHEMA.to_frame())
        elif table in made():
            self._create(table, made()[table].empty)
        elif table in models():
            for read in sorted(models()[table].statement.reads - {table}):
                self.have(read)
            self.connection.execute(
                f"create table {table} as from ({models()[table].statement.query}) limit 0"
            )
        else:
            raise KeyError(f"there is no table {table}")

    def _create(self, table: str, frame: pl.DataFrame) -> None:
        self.connection.register("incoming_frame", frame.to_arrow())
        self.connection.execute(f"create table {table} as select * from incoming_frame")
        self.connection.unregister("incoming_frame")

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
