"""Closing a generated world up to what is matched, and reading what was linked and proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from assets.flow import python_models
from assets.python_model import PythonModel
from assets.received.inbox import Intake
from assets.sql_model import SqlModel, read_models
from assets.staged.calendar import working_days
from benchmarks.matching.model import Pair
from io_managers.connection import configured
from io_managers.session import Query, Session, Window
from receivables.home import REPOSITORY, Home
from receivables.policy import Policy
from receivables.sources import Sources

WANTED = ("matched.links", "matched.suspected_matches")


@dataclass(frozen=True)
class Link:
    """A link that holds at the end."""

    pair: Pair
    amount: Decimal
    rule: str
    is_inferred: bool


@dataclass(frozen=True)
class Suspect:
    """A match proposed on the last day; `row` is the naming row, where it is not a paper."""

    pair: Pair
    rule: str
    score: Decimal
    evidence: str


@cache
def flow() -> tuple[SqlModel | PythonModel, ...]:
    """The models that lead to links and proposals, in the order of what they read."""
    models = {**{model.table: model for model in read_models()}, **python_models()}
    found: dict[str, SqlModel | PythonModel] = {}

    def visit(table: str) -> None:
        if table in models and table not in found:
            model = models[table]
            reads = model.statement.reads if isinstance(model, SqlModel) else model.reads
            for read in sorted(reads - {table}):
                visit(read)
            found[table] = model

    for table in WANTED:
        visit(table)
    return tuple(found.values())


def close(home: Home, windows: list[tuple[date, date]]) -> duckdb.DuckDBPyConnection:
    """An in-memory warehouse with the windows closed one after the other."""
    policy = Policy.read(REPOSITORY / "config" / "policy.yaml")
    connection = configured(duckdb.connect(), policy)
    for first, last in windows:
        session = Session(connection)
        window = Window(first, last)
        session.use(window)
        for table, content in Intake(session, home, Sources.of(home), window.days).tables():
            session.replace(table, content)
        session.replace("staged.calendar", working_days(2025, 2027))
        for model in flow():
            is_sql = isinstance(model, SqlModel)
            session.replace(
                model.table,
                Query(model.statement.query) if is_sql else model.make(session, window),
            )
        session.commit()
    return connection


def windows(days: list[date], count: int) -> list[tuple[date, date]]:
    """The days in so many windows that follow each other without a gap."""
    size = -(-len(days) // count)
    groups = [days[start : start + size] for start in range(0, len(days), size)]
    return [(group[0], group[-1]) for group in groups]


def live_links(connection: duckdb.DuckDBPyConnection) -> list[Link]:
    """The latest row of each pair and rule that says that the link holds."""
    rows = connection.execute(
        "select chain_id, from_kind, from_no, to_kind, to_no, amount, rule, is_inferred "
        "from matched.links "
        "qualify row_number() over ("
        "partition by chain_id, from_kind, from_no, to_kind, to_no, rule "
        "order by known_on desc, undone_on nulls last) = 1 and undone_on is null"
    ).fetchall()
    return [Link((row[0], row[1], row[2], row[3], row[4]), *row[5:]) for row in rows]


def history(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Every row of links and of proposals on their days, in order."""
    links = connection.execute(
        "select known_on, chain_id, from_kind, from_no, to_kind, to_no, amount, rule, is_inferred, "
        "evidence, undone_on from matched.links order by all"
    ).fetchall()
    suspects = connection.execute(
        "select as_of, chain_id, from_kind, from_no, to_kind, to_no, rule, score "
        "from matched.suspected_matches order by all"
    ).fetchall()
    return [*links, *suspects]


def suspects(connection: duckdb.DuckDBPyConnection) -> list[Suspect]:
    """What is proposed on the last day."""
    rows = connection.execute(
        "select chain_id, from_kind, from_no, to_kind, to_no, rule, score, evidence "
        "from matched.suspected_matches "
        "where as_of = (select max(as_of) from matched.suspected_matches)"
    ).fetchall()
    return [Suspect((row[0], row[1], row[2], row[3], row[4]), *row[5:]) for row in rows]
