"""Days closed one by one, or again, give the same tables as one run over all of them."""

import pytest

from io_managers.session import slice_column
from tests.days.sample import FLOW, close, open_warehouse
from tests.support import models

BEFORE = ("2026-05-01", "2026-06-28")
DAYS = ["2026-06-29", "2026-06-30", "2026-07-01", "2026-07-02"]  # a chain switches on 1 July


def received_tables() -> list[str]:
    reads = {read for model in models().values() for read in model.statement.reads}
    return sorted(read for read in reads if read.startswith("received."))


@pytest.mark.timeout(280)
def test_day_by_day_and_twice_equals_one_run(
    tmp_path, request: pytest.FixtureRequest, subtests: pytest.Subtests
) -> None:
    """The one run goes on for two months more: what comes later changes no day before it."""
    connection = open_warehouse(tmp_path / "daily.duckdb")
    close(connection, *BEFORE)
    for day in DAYS:
        close(connection, day, day)
    close(connection, DAYS[-1], DAYS[-1])
    whole = request.getfixturevalue("closed_months")
    connection.execute(f"attach '{whole}' as whole (read_only)")
    compared = 0
    for table in [*received_tables(), *FLOW]:
        with subtests.test(table):
            names = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
            columns, sliced = ", ".join(f'"{name}"' for name in names), slice_column(names)
            here = f"select {columns} from {table}"
            there = f"select {columns} from whole.{table}"
            if sliced:
                there += f" where {sliced} <= date '{DAYS[-1]}'"
            assert connection.execute(f"{here} except all {there}").fetchall()[:3] == []
            assert connection.execute(f"{there} except all {here}").fetchall()[:3] == []
            compared += connection.execute(f"select count(*) from {table}").fetchall()[0][0] > 0
    assert compared > 120, "most tables have rows"
