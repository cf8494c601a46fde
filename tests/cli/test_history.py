"""The run history as the web page finds it."""

from datetime import date, timedelta

import dagster as dg
import pytest

from pipelines.history import LONG_WINDOW_DAYS, history, prepare
from receivables.home import Home

FIRST = date(2026, 5, 1)
PARTITIONS = dg.DailyPartitionsDefinition(FIRST.isoformat(), end_date="2026-06-30")


@dg.asset(partitions_def=PARTITIONS, backfill_policy=dg.BackfillPolicy.single_run())
def stock():
    return dg.MaterializeResult(metadata={"rows": 1})


@pytest.mark.parametrize("length", [2, LONG_WINDOW_DAYS + 1])
def test_every_day_of_every_table_is_shown_as_closed(tmp_path, monkeypatch, length):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = Home(tmp_path)
    days = [(FIRST + timedelta(days=place)).isoformat() for place in range(length)]
    job = dg.Definitions(assets=[stock]).resolve_implicit_global_asset_job_def()
    tags = {
        "dagster/asset_partition_range_start": days[0],
        "dagster/asset_partition_range_end": days[-1],
    }
    with history(home, length) as instance:
        assert job.execute_in_process(instance=instance, tags=tags).success
    prepare(home)
    with dg.DagsterInstance.get() as shown:
        assert shown.get_materialized_partitions(stock.key) == set(days)
        records = shown.fetch_materializations(stock.key, limit=100).records
        assert sorted(record.partition_key or "" for record in records) == days
