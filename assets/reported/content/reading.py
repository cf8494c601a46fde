"""Named queries of the packs, over one connection and one day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from assets.sql_model import Statement

FOLDER = Path(__file__).resolve().parent.parent / "queries"
BATCH = 20_000


@cache
def statements() -> Mapping[str, Statement]:
    """All named queries, by file name."""
    return {path.stem: Statement.read(path) for path in sorted(FOLDER.glob("*.sql"))}


def tables_read() -> frozenset[str]:
    """The tables that the named queries read: what packs depend on."""
    return frozenset().union(*(statement.reads for statement in statements().values()))


@dataclass(frozen=True)
class Day:
    """A closed day of the warehouse."""

    connection: duckdb.DuckDBPyConnection
    as_of: date

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a named query as dictionaries."""
        cursor = self._run(query)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, query: str, keys: Sequence[str]) -> "Stream":
        """The rows of a named query as tuples of these columns, read when they are needed."""
        return Stream(self, query, tuple(keys))

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(statements()[query].query, {"as_of": self.as_of})


@dataclass(frozen=True)
class Stream:
    """Rows that are fetched batch by batch; one stream is read to its end before the next query."""

    day: Day
    query: str
    keys: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        cursor = self.day._run(self.query)
        names = [column[0] for column in cursor.description or []]
        places = [names.index(key) for key in self.keys]
        while batch := cursor.fetchmany(BATCH):
            for row in batch:
                yield tuple(row[place] for place in places)
