"""A world made, closed and judged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.matching import closing
from benchmarks.matching.evidence import expectations
from benchmarks.matching.figures import Result, compare
from benchmarks.matching.model import Pair, World, pair
from benchmarks.matching.world import make
from benchmarks.matching.writing import write
from receivables.home import Home

# Closed in so many windows, so that papers come before and after each other.
WINDOWS = 5
# Closed day by day: so many days from the day of this place on.
DAILY_FROM, DAILY_DAYS = 12, 12


@dataclass
class Closed:
    """A world with what was linked and proposed by the last day."""

    world: World
    links: list[closing.Link]
    suspects: list[closing.Suspect]

    def result(self) -> Result:
        """The figures."""
        world = self.world
        return compare(
            self.links, self.suspects, world.truth, expectations(world), _row_pairs(world)
        )


def closed(orders: int, level: str, seed: int, windows: int = WINDOWS) -> Closed:
    """Make a world of one level and close it."""
    world = make(orders, level, seed)
    with _home(world) as home:
        connection = closing.close(home, closing.windows(_days(world), windows))
        return Closed(world, closing.live_links(connection), closing.suspects(connection))


def differences(orders: int, level: str, seed: int) -> list[tuple[str, tuple]]:
    """Links and proposals that only closing day by day has, or only closing all days at once.

    Each with which of the two has it; none if both come to the same. Day by day are the days in
    the middle of the world, with one window before and one after them.
    """
    world = make(orders, level, seed)
    days = _days(world)
    middle = days[DAILY_FROM : DAILY_FROM + DAILY_DAYS]
    before = (days[0], days[DAILY_FROM - 1])
    after = (days[DAILY_FROM + DAILY_DAYS], days[-1])
    with _home(world) as home:
        stepwise = closing.close(home, [before, *((day, day) for day in middle), after])
        daily = set(closing.history(stepwise))
        whole = set(closing.history(closing.close(home, [(days[0], days[-1])])))
    only_daily = [("day by day", row) for row in daily - whole]
    return only_daily + [("at once", row) for row in whole - daily]


def _days(world: World) -> list[date]:
    first, last = world.days[0], world.days[-1]
    return [first + timedelta(offset) for offset in range((last - first).days + 1)]


@contextmanager
def _home(world: World) -> Iterator[Home]:
    with tempfile.TemporaryDirectory(prefix="sidan-matching-") as folder:
        home = Home(Path(folder))
        write(world, home)
        yield home


def _row_pairs(world: World) -> dict[Pair, Pair]:
    """For every receipt and row of an application: the receipt and the row's invoice."""
    return {
        (
            row.invoice.chain, "goods_receipt", row.receipt.meant.no,
            "application", f"{row.application_no}#{row.line_no}",
        ): pair(row.receipt.meant, row.invoice)
        for row in world.rows
    }  # fmt: skip
