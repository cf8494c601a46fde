"""The end of a close: its slices become visible at once, and people get their copy."""

from collections.abc import Iterable
from datetime import timedelta

import dagster as dg

from assets import BACKFILL, PARTITIONS, TIMEZONE
from io_managers.warehouse import PUBLISHED, Warehouse

# A day is to be closed and published by 08:00 of the next; the schedule starts at 07:00.
FRESH = dg.FreshnessPolicy.cron(
    deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=23), timezone=TIMEZONE
)


def published_asset(last_tables: Iterable[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that ends a close once the last tables are written and every audit has passed."""

    @dg.asset(
        key=PUBLISHED,
        deps=sorted(last_tables),
        group_name="published",
        kinds={"duckdb"},
        partitions_def=PARTITIONS,
        backfill_policy=BACKFILL,
        freshness_policy=FRESH,
    )
    def published(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
        """The read-only copy of the warehouse, made when all tables of a close are committed."""
        rows = sum(written.rows for written in warehouse.session.written)
        path = warehouse.commit_and_publish()
        return dg.MaterializeResult(
            metadata={
                "copy": dg.MetadataValue.path(str(path)),
                "bytes": path.stat().st_size,
                "rows written": rows,
            }
        )

    return published
