"""Days computed once more beside the warehouse, with other facts or another policy."""

from pathlib import Path
from typing import Any

import duckdb

from io_managers.connection import configured
from io_managers.session import Query, Session, Window
from receivables.policy import Policy


class Beside:
    """A database in memory that reads the published tables and computes some of them anew.

    Nothing is written to a file. A table that `replace` or `compute` was called for holds only what
    they put there; every other table is the published one. Close it when done.

    Args:
        published: The published warehouse.
        policy: What the models see as the policy.
    """

    def __init__(self, published: Path, policy: Policy) -> None:
        self._database = duckdb.connect()
        self._database.execute(f"attach '{str(published).replace(chr(39), chr(39) * 2)}' as "
                               "closed (read_only)")  # fmt: skip
        self._database.execute("set enable_external_access = false")
        self.session = Session(configured(self._database, policy))
        for schema, table in self._published():
            self._database.execute(f'create schema if not exists "{schema}"')
            self._database.execute(
                f'create view "{schema}"."{table}" as from closed."{schema}"."{table}"'
            )

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def replace(self, table: str, query: str, *parameters: Any) -> None:
        """Let a table hold the rows of a query; `closed.<table>` is what was published."""
        self._database.execute(f"create temp table rows_to_be as {query}", parameters)
        self._database.execute(f"drop view if exists {table}")
        self._database.execute(f"drop table if exists {table}")
        self._database.execute(f"create table {table} as from rows_to_be")
        self._database.execute("drop table rows_to_be")

    def compute(self, table: str, query: str, window: Window) -> None:
        """Compute the window's days of a table by its model; it holds no other days."""
        self.replace(table, f"from closed.{table} limit 0")
        self.session.use(window)
        self.session.refill(table, Query(query))

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        return self.session.rows(query, parameters)

    def _published(self) -> list[tuple[str, str]]:
        return self._database.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'closed' and schema_name <> 'warehouse' order by all"
        ).fetchall()
