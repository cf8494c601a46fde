"""A table that Python works out of other tables, described like a SQL model.

A module `assets/<stage>/<table>.py` says `MODEL = PythonModel(...)`, and `<table> = MODEL.asset()`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg
import polars as pl

from assets import BACKFILL, PARTITIONS
from assets.sql_model import asset_key, tables_read
from io_managers.session import Session, Window, missing_slices
from io_managers.warehouse import Warehouse, window_of


@dataclass(frozen=True)
class PythonModel:
    """A table made of frames.

    `make` gives the rows of a window's days, a pure function of what `queries` read and of the
    table's own rows of earlier days. `description` begins with the grain.
    """

    table: str
    description: str
    queries: Sequence[str]
    schema: Mapping[str, Any]
    make: Callable[[Session, Window], pl.DataFrame]

    @cached_property
    def reads(self) -> frozenset[str]:
        """The other tables that it is computed from, as `stage.table`."""
        return frozenset().union(*map(tables_read, self.queries)) - {self.table}

    @cached_property
    def empty(self) -> pl.DataFrame:
        """No rows, with the table's columns."""
        return pl.DataFrame(schema=self.schema)

    def asset(self) -> dg.AssetsDefinition:
        """The asset of the table: it depends on what it reads."""

        @dg.asset(
            key=asset_key(self.table),
            deps=[asset_key(table) for table in sorted(self.reads)],
            group_name=self.table.split(".")[0],
            description=self.description,
            kinds={"polars"},
            partitions_def=PARTITIONS,
            backfill_policy=BACKFILL,
            io_manager_key="warehouse_tables",
        )
        def table(context: dg.AssetExecutionContext, warehouse: Warehouse) -> pl.DataFrame:
            window = window_of(context.partition_key_range)
            lacking = list(missing_slices(warehouse.session, self.reads, window))
            if lacking:
                raise dg.Failure(
                    description="; ".join(lacking) + ". Run the whole daily_close for these days.",
                    allow_retries=False,
                )
            warehouse.session.use(window)
            return self.make(warehouse.session, window)

        return table
