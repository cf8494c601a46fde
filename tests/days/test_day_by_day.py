"""Days closed one by one, or again, give the same tables as one run over all of them."""

import pytest

from tests.days.sample import FLOW, close, open_warehouse
from tests.support import models

BEFORE = ("2026-05-01", "2026-06-28")
DAYS = ["2026-06-29", "2026-06-30", "2026-07-01", "2026-07-02"]  # a chain switches on 1 July


def received_tables() -> list[str]:
    reads = {read for model in models().values() for read in model.statement.reads}
    return sorted(read for read in reads if read.startswith("received."))


@pytest.mark.timeout(280)
def test_day_by_day_and_twice_equals_one_run(tmp_path, subtests: pytest.Subtests) -> None:
    daily, whole = tmp_path / "daily.duckdb", tmp_path / "whole.duckdb"
    connection = open_warehouse(whole)
    close(connection, BEFORE[0], DAYS[-1])
    connection.close()
    connection = open_warehouse(daily)
    close(connection, *BEFORE)
    for day in DAYS:
        close(connection, day, day)
    close(connection, DAYS[-1], DAYS[-1])
    connection.execute(f"attach '{whole}' as whole (read_only)")
    for table in [*received_tables(), *FLOW]:
        with subtests.test(table):
            columns = ", ".join(
                f'"{row[0]}"' for row in connection.execute(f"describe {table}").fetchall()
            )
            here, there = f"select {columns} from {table}", f"select {columns} from whole.{table}"
            assert connection.execute(f"{here} except all {there}").fetchall()[:3] == []
            assert connection.execute(f"{there} except all {here}").fetchall()[:3] == []
