"""A world's tables as a published warehouse, for commands that read one."""

from pathlib import Path

from receivables.home import Home
from tests.support import World


def published(world: World, root: Path, closed_days: list[str]) -> Home:
    """Write the tables of a world that is apart into a home of its own, with these closed days."""
    home = Home(root)
    home.published.parent.mkdir(parents=True, exist_ok=True)
    world.connection.execute("commit")
    world.connection.execute(f"attach '{home.published}' as published")
    tables = world.connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name <> 'warehouse'"
    ).fetchall()
    for schema, table in tables:
        world.connection.execute(f"create schema if not exists published.{schema}")
        world.connection.execute(
            f"create table published.{schema}.{table} as from {schema}.{table}"
        )
    world.connection.execute("create schema published.warehouse")
    world.connection.execute(
        "create table published.warehouse.slices as "
        "select 'reported.packs' as table_name, unnest(cast(? as date[])) as day",
        [closed_days],
    )
    world.connection.execute("detach published")
    world.connection.execute("begin transaction")
    return home
