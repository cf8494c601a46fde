"""Closing as a user does: again, with a fault, killed in the middle, two at once."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from hashlib import sha256

import dagster as dg
import duckdb
import pytest

from io_managers.connection import WarehouseBusyError, WriteLock, read_only
from io_managers.session import Window
from pipelines.close import close
from pipelines.console import console, show_closing
from pipelines.days import plan
from receivables.home import REPOSITORY
from tests.cli.conftest import DAYS, add_inbox, sidan
from tests.cli.test_agreements import OVERLAP, OVERLAPPING
from tests.support import POLICY

THIRD = date(2026, 5, 3)


def contents(path):
    """Every table of a warehouse as a set-like fingerprint: rows and a hash of all values."""
    with duckdb.connect(path, read_only=True) as warehouse:
        tables = warehouse.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name <> 'warehouse' order by all"
        ).fetchall()
        return {
            table: warehouse.execute(
                f"select count(*), sum(hash(all_columns)) from {table} as all_columns"
            ).fetchone()
            for (table,) in tables
        }


def closed_days(home):
    return sorted(plan(home).closed)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_a_closed_day_is_known_as_closed(home):
    assert closed_days(home) == DAYS
    assert plan(home).waiting(DAYS[-1]) == [], "every file was read"


def test_closing_again_changes_nothing_and_the_web_page_tells_of_it(home, instance):
    before = contents(home.warehouse)
    assert close(home, Window(DAYS[0], DAYS[-1]), "backfill", instance=instance).is_closed
    assert contents(home.warehouse) == before
    assert contents(home.published) == before
    each_day_s_own_figures_are_drawn(home, instance)
    versions_are_those_of_the_history(instance)


def materializations(instance, *path):
    """The records of a table, newest first, each with what it tells."""
    found = instance.fetch_materializations(dg.AssetKey(path), limit=100).records
    return [(record, record.asset_materialization) for record in found]


def each_day_s_own_figures_are_drawn(home, instance):
    with read_only(home.warehouse) as warehouse:
        told = warehouse.execute(
            "select as_of, count(*), sum(balance) from settled.open_items group by as_of"
        ).fetchall()
    records = materializations(instance, "settled", "open_items")
    drawn = [
        (
            date.fromisoformat(record.partition_key),
            shown.metadata["rows on the day"].value,
            shown.metadata["balance on the day (CNY)"].value,
        )
        for record, shown in records
    ]
    assert len(drawn) == len(DAYS)
    last = max(told)
    totals = [shown.metadata.get(f"total balance on {DAYS[-1]} (CNY)") for _, shown in records]
    assert {total.text for total in totals if total} == {f"{last[2]:,}"}, "not summed over the days"
    figures = {day: (rows, float(balance)) for day, rows, balance in told}
    assert {day: (rows, balance) for day, rows, balance in drawn} == {
        day: figures.get(day, (0, 0)) for day in DAYS
    }


def versions_are_those_of_the_history(instance):
    """What a table was made from, as the run remembered it, is what the history says."""
    log = instance.event_log_storage
    days, version = [str(day) for day in DAYS], "dagster/data_version"
    happened = dg.DagsterEventType.ASSET_MATERIALIZATION
    (_, made), *_ = materializations(instance, "aged", "aging")
    pointer = "dagster/input_event_pointer/"
    read = [tag.removeprefix(pointer) for tag in made.tags if tag.startswith(pointer)]
    assert "settled/open_items" in read
    for name in read:
        key = dg.AssetKey(name.split("/"))
        (newest, _), *_ = materializations(instance, *key.path)
        by_day = log.get_latest_tags_by_partition(key, happened, [version], days)
        assert sorted(by_day) == days
        told = "".join(by_day[day][version] for day in days)
        assert made.tags[pointer + name] == str(newest.storage_id)
        assert made.tags[f"dagster/input_data_version/{name}"] == sha256(told.encode()).hexdigest()


def told(closing):
    """What the command line prints about a close."""
    screen = console(io.StringIO())
    with screen.capture() as capture:
        show_closing(screen, closing)
    return capture.get()


def test_a_failing_audit_leaves_the_warehouse_as_it_was_and_exits_1(home, instance):
    with duckdb.connect(home.warehouse) as warehouse:
        warehouse.execute("update aged.bridge set amount = amount + 1 where cause = 'closing'")
    add_inbox(home, THIRD)
    before = contents(home.warehouse)
    closing = close(home, Window(THIRD, THIRD), instance=instance)
    assert closing.exit_code == 1
    assert f"{THIRD} could not be closed" in told(closing)
    assert "bridge_starts_where_it_ended" in told(closing)
    assert contents(home.warehouse) == before
    assert closed_days(home) == DAYS, "readers still see what was published before"


def test_a_run_killed_in_the_middle_leaves_the_warehouse_as_it_was(home, instance):
    """The next close finds a file that cannot be read, closes the day all the same and exits 1."""
    add_inbox(home, THIRD)
    before = contents(home.warehouse)
    run = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", KILLED],
        cwd=REPOSITORY,
        env={**os.environ, "SIDAN_HOME": str(home.root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    written = [run.stdout.readline().strip()]
    while written[-1] and written[-1] != "settled.ledger":
        written.append(run.stdout.readline().strip())
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert written[-1] == "settled.ledger", "it was killed in the middle"
    assert contents(home.warehouse) == before
    (home.inbox_folder(THIRD) / "scan0001.xlsx").write_bytes(b"not a workbook")
    closing = close(home, Window(THIRD, THIRD), instance=instance)
    assert closed_days(home) == [*DAYS, THIRD], "the lock of the dead is no lock"
    assert closing.exit_code == 1, "a file could not be read"
    assert f"{THIRD} closed" in told(closing)
    assert "scan0001.xlsx" in told(closing)


KILLED = """
import dagster as dg
from datetime import date
from io_managers.progress import Listener
from io_managers.session import Window
from pipelines.close import close
from pipelines.console import console, show_closing
from receivables.home import Home

day = date(2026, 5, 3)
with dg.DagsterInstance.ephemeral() as instance:
    heard = Listener(lambda written: print(written.table, flush=True))
    close(Home.current(), Window(day, day), listener=heard, instance=instance)
"""


def test_a_second_run_waits_for_the_first(home):
    first, second = (WriteLock(home.warehouse.with_name("run.lock")) for _ in range(2))
    first.take(POLICY)
    said, taken = [], threading.Event()

    def wait_for_it():
        second.take(POLICY, said.append)
        taken.set()

    waiting = threading.Thread(target=wait_for_it)
    waiting.start()
    time.sleep(0.3)
    assert not taken.is_set()
    assert said == ["Another run holds the warehouse; waiting for it to end."]
    first.release()
    assert taken.wait(5)
    waiting.join()
    second.release()


def test_a_second_run_that_has_waited_long_enough_says_so(home):
    policy = POLICY.model_copy(
        update={"engine": POLICY.engine.model_copy(update={"lock_wait_seconds": 0})}
    )
    first, second = (WriteLock(home.warehouse.with_name("run.lock")) for _ in range(2))
    first.take(policy)
    with pytest.raises(WarehouseBusyError, match="held by another run"):
        second.take(policy)
    first.release()


HOLDER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_program_that_has_the_warehouse_open_is_named_as_the_reason(home, instance):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    closing = close(home, Window(DAYS[0], DAYS[-1]), "backfill", instance=instance)
    holder.communicate("")
    assert not closing.is_closed
    assert "is open in another program" in " ".join(closing.errors)


def test_a_late_file_closes_its_day_and_all_later_ones_again(home):
    late = home.inbox_folder(DAYS[0]) / "orders_late.csv"
    late.write_text(
        "chain_id,store_code,order_no,order_date,amount\nBS,D02,BSPO-LATE,2026-05-01,100.00\n",
        encoding="utf-8",
    )
    (home.inbox_folder(DAYS[0]) / "settlement_agreements_late.csv").write_text(
        OVERLAPPING, encoding="utf-8"
    )
    assert list(plan(home).changed) == [DAYS[0]]
    done = sidan(home, "close", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert (result["day_from"], result["day_until"]) == (str(DAYS[0]), str(DAYS[-1]))
    assert result["is_closed"], "agreements that cannot all be followed are told, and no more"
    assert result["warnings"] == [OVERLAP]
    with read_only(home.published) as warehouse:
        found = warehouse.execute(
            "select known_on from staged.orders where order_no = 'BSPO-LATE'"
        ).fetchall()
    assert found == [(DAYS[0],)]
    assert (home.dagster / "dagster.yaml").exists(), "the run is in the home's history"


def test_a_gap_between_closed_days_is_refused(home, instance):
    fifth = date(2026, 5, 5)
    closing = close(home, Window(fifth, fifth), "backfill", instance=instance)
    assert not closing.is_closed
    (error,) = closing.errors
    assert error.startswith("2026-05-03 has not been closed"), "the sentence, not who raised it"
    assert closed_days(home) == DAYS


def test_chosen_tables_alone_commit_when_all_succeed(home, monkeypatch):
    """A person picks one table on the web page: it is written and published, nothing else."""
    from pipelines.definitions import defs
    from pipelines.jobs import run_tags

    before = contents(home.published)
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("daily_close").execute_in_process(
            asset_selection=[dg.AssetKey(["aged", "aging"])],
            tags=run_tags(Window(DAYS[0], DAYS[-1]), "backfill"),
            instance=instance,
        )
    assert result.success
    assert contents(home.published) == before


def test_the_days_audited_are_named_when_a_table_lacks_them(home):
    from pipelines.definitions import defs
    from pipelines.jobs import run_tags
    from pipelines.outcome import reasons

    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("daily_close").execute_in_process(
            asset_selection=[dg.AssetKey(["aged", "aging"])],
            tags=run_tags(Window(THIRD, THIRD), "backfill"),
            instance=instance,
            raise_on_error=False,
        )
    assert not result.success
    assert "has not been computed for 2026-05-03" in " ".join(reasons(result.all_events))
