"""Days computed once more beside the warehouse, with other facts or another policy."""

from pathlib import Path

import duckdb

from io_managers.connection import configured
from io_managers.session import Query, Session, Window
from receivables.policy import Policy


class Beside:
    """A database in memory that reads the published tables and computes some of them anew.

    Nothing is written to a file. `closed.<stage>.<table>` is always what was published;
    `<stage>.<table>` is that, too, until `show` or `compute` was called for it. Leaving the
    context closes it.

    Args:
        published: The published warehouse.
        policy: What the models see as the policy.
    """

    def __init__(self, published: Path, policy: Policy) -> None:
        self.connection = duckdb.connect()
        file = str(published).replace("'", "''")
        self.connection.execute(f"attach '{file}' as closed (read_only)")
        self.connection.execute("set enable_external_access = false")
        self._session = Session(configured(self.connection, policy))
        found = self.connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'closed' and schema_name <> 'warehouse'"
        ).fetchall()
        for schema, table in found:
            self.show(f"{schema}.{table}", f"from closed.{schema}.{table}")

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def show(self, table: str, query: str) -> None:
        """Let a table show the rows of a query over the published tables, `closed.…`."""
        self._forget(table)
        self.connection.execute(f"create view {table} as {query}")

    def compute(self, table: str, query: str, window: Window) -> None:
        """Compute the days of a window by a table's model; the table holds no other days."""
        self._session.use(window)
        self._forget(table)
        self.connection.execute(f"create table {table} as from ({query}) limit 0")
        self._session.refill(table, Query(query))

    def _forget(self, table: str) -> None:
        schema, name = table.split(".")
        self.connection.execute(f"create schema if not exists {schema}")
        kinds = self.connection.execute(
            "select table_type from information_schema.tables "
            "where table_catalog = current_database() and table_schema = ? and table_name = ?",
            [schema, name],
        ).fetchall()
        for (kind,) in kinds:
            self.connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {table}")
