"""The log that a close writes says what Dagster's own log would have said."""

import uuid

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.history import history
from pipelines.run_log import RunLog
from receivables.home import Home

DAYS = dg.DailyPartitionsDefinition("2026-05-01", end_date="2026-06-01")


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def orders() -> dg.MaterializeResult:
    """A table that reads nothing."""
    return dg.MaterializeResult(metadata={"rows": 3})


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def calendar() -> dg.MaterializeResult:
    """A table that the second run does not make."""
    return dg.MaterializeResult(metadata={"rows": 1})


@dg.asset(
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[orders, calendar],
    check_specs=[dg.AssetCheckSpec("adds_up", asset="links")],
)
def links() -> dg.MaterializeResult:
    """A table that reads what the run made and what an earlier run did."""
    return dg.MaterializeResult(
        metadata={"rows": 2}, check_results=[dg.AssetCheckResult(passed=True)]
    )


DEFINITIONS = dg.Definitions(
    [orders, calendar, links], jobs=[dg.define_asset_job("daily", selection="*")]
)
RUNS = [uuid.UUID(int=number) for number in (1, 2)]


def run(instance: dg.DagsterInstance, run_id: uuid.UUID, first: str, last: str, *tables: str):
    """Run the job over days as a close does."""
    result = DEFINITIONS.resolve_job_def("daily").execute_in_process(
        instance=instance,
        run_id=str(run_id),
        tags={
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        },
        asset_selection=[dg.AssetKey(table) for table in tables],
    )
    assert result.success


def two_runs(instance: dg.DagsterInstance) -> None:
    """All tables of two days, then the second day again without the calendar."""
    run(instance, RUNS[0], "2026-05-01", "2026-05-02", "orders", "calendar", "links")
    run(instance, RUNS[1], "2026-05-02", "2026-05-02", "orders", "links")


def told(instance: dg.DagsterInstance) -> list[tuple[object, ...]]:
    """What a history says: the events of both runs, and what it knows of each table."""
    events = [
        (entry.dagster_event_type, entry.step_key, tags_of(entry))
        for run_id in RUNS
        for entry in instance.all_logs(str(run_id))
    ]
    known = [
        (
            record.asset_entry.asset_key,
            record.asset_entry.last_run_id,
            tags_of(record.asset_entry.last_materialization),
        )
        for record in instance.get_asset_records([orders.key, calendar.key, links.key])
    ]
    return [*events, *sorted(known, key=str)]


def tags_of(entry) -> object:
    """Versions and their sources; where they stand in the file is told by the number of rows."""
    made = entry.asset_materialization if entry else None
    return made and (made.partition, sorted(made.tags.items()), sorted(made.metadata.items()))


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return Home(tmp_path / "ours")


def test_a_run_is_told_as_by_dagsters_own_log(home, tmp_path):
    with history(home, 2) as ours:
        assert isinstance(ours.event_log_storage, RunLog)
        two_runs(ours)
        meanwhile = told(ours)
    (tmp_path / "plain").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "plain")) as plain:
        two_runs(plain)
        expected = told(plain)
    assert meanwhile == expected
    with dg.DagsterInstance.from_config(str(home.dagster)) as web_page:
        assert isinstance(web_page.event_log_storage, SqliteEventLogStorage)
        assert not isinstance(web_page.event_log_storage, RunLog)
        assert told(web_page) == expected


def test_the_day_of_an_earlier_run_is_read_from_the_file(home):
    with history(home, 2) as ours:
        run(ours, RUNS[0], "2026-05-01", "2026-05-02", "orders", "calendar", "links")
        log = ours.event_log_storage
        kind = dg.DagsterEventType.ASSET_MATERIALIZATION
        asked = orders.key, kind, ["dagster/data_version"]
        before = log.get_latest_tags_by_partition(*asked, ["2026-05-01", "2026-05-02"])
    with history(home, 2) as ours:
        run(ours, RUNS[1], "2026-05-02", "2026-05-02", "orders")
        log = ours.event_log_storage
        after = log.get_latest_tags_by_partition(*asked, ["2026-05-01", "2026-05-02"])
        assert after["2026-05-01"] == before["2026-05-01"]
        assert after["2026-05-02"] != before["2026-05-02"]
        assert after == log.get_latest_tags_by_partition(*asked)


def test_a_history_kept_elsewhere_stays_there(home, monkeypatch, tmp_path):
    """A server's settings name another log: it is used as it is."""
    elsewhere = tmp_path / "server"
    elsewhere.mkdir()
    (elsewhere / "dagster.yaml").write_text(
        "event_log_storage:\n"
        "  module: dagster._core.storage.event_log\n"
        "  class: ConsolidatedSqliteEventLogStorage\n"
        f"  config: {{base_dir: {elsewhere}/events}}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("DAGSTER_HOME", str(elsewhere))
    with history(home, 1) as instance:
        assert type(instance.event_log_storage).__name__ == "ConsolidatedSqliteEventLogStorage"
