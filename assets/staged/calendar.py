"""Working days of the Chinese calendar, with the make-up days that move them."""

import warnings
from collections.abc import Callable
from datetime import date, timedelta

import chinese_calendar
import dagster as dg
import polars as pl

from assets import BACKFILL, PARTITIONS
from io_managers.warehouse import Warehouse

YEARS_BEFORE = 5  # opening items can be old
YEARS_AFTER = 6  # terms reach into the future


def is_working_day(day: date) -> bool:
    """Whether a day is worked, by the State Council's calendar; weekends where it is unknown."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def working_days(
    first_year: int, last_year: int, is_worked: Callable[[date], bool] = is_working_day
) -> pl.DataFrame:
    """One row per day: `day`, `is_working_day`, `next_working_on` (on or after the day)."""
    start, end = date(first_year, 1, 1), date(last_year, 12, 31)
    days = [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
    worked = [is_worked(day) for day in days]
    upcoming = _after(end, is_worked)
    following: list[date] = []
    for day, is_worked_day in zip(reversed(days), reversed(worked), strict=True):
        upcoming = day if is_worked_day else upcoming
        following.append(upcoming)
    return pl.DataFrame({"day": days, "is_working_day": worked, "next_working_on": following[::-1]})


def _after(end: date, is_worked: Callable[[date], bool]) -> date:
    day = end + timedelta(days=1)
    while not is_worked(day):
        day += timedelta(days=1)
    return day


@dg.asset(
    key=["staged", "calendar"],
    group_name="staged",
    kinds={"python"},
    partitions_def=PARTITIONS,
    backfill_policy=BACKFILL,
    io_manager_key="warehouse_tables",
)
def calendar(context: dg.AssetExecutionContext, warehouse: Warehouse) -> pl.DataFrame:
    """One row per day of the Chinese working-day calendar; a reference table, replaced whole.

    Years that the calendar does not know yet fall back to weekends, with a warning.
    """
    first = warehouse.policy.first_day.year
    last = first + YEARS_AFTER
    known_until = max(day.year for day in chinese_calendar.constants.workdays)
    if date.today().year > known_until:
        context.log.warning(
            "The holiday calendar ends with %s; later years count weekends only. "
            "Update the package chinesecalendar.",
            known_until,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return working_days(first - YEARS_BEFORE, last)
