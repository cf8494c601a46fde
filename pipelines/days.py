"""Which days are closed, which need closing, and what a close must take along."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from io_managers.connection import read_only
from io_managers.session import CLOSING_TABLE, Window
from receivables.home import Home
from receivables.policy import Policy
from receivables.sources.inbox import arrivals, files_of

TIMEZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day it is where the books are kept."""
    return datetime.now(TIMEZONE).date()


class NothingToCloseError(ValueError):
    """There is no day to close; the message says why and what to do."""


@dataclass(frozen=True)
class Known:
    """What the published warehouse says: closed days, and files by path with hash and time read."""

    closed: frozenset[date] = frozenset()
    files: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home) -> Known:
        """Read the published warehouse of a home; nothing is known where there is none."""
        if not home.published.exists():
            return cls()
        with read_only(home.published) as warehouse:
            try:
                closed = warehouse.execute(
                    "select distinct day from warehouse.slices where table_name = ?",
                    [CLOSING_TABLE],
                ).fetchall()
                files = warehouse.execute(
                    "select path, sha256, written_at from received.files "
                    "join warehouse.slices on table_name = 'received.files' and day = known_on"
                ).fetchall()
            except duckdb.CatalogException:
                return cls()  # a run of chosen tables only
        return cls(
            frozenset(day for (day,) in closed),
            {path: (sha, read_at.replace(tzinfo=TIMEZONE)) for path, sha, read_at in files},
        )


@dataclass(frozen=True)
class Plan:
    """The state of a home's days, as `state` finds it."""

    first_day: date
    closed: frozenset[date]
    inbox: frozenset[date]
    changed: dict[date, list[str]]

    @property
    def last_closed(self) -> date | None:
        """The newest closed day."""
        return max(self.closed, default=None)

    @property
    def unclosed(self) -> list[date]:
        """Days with an inbox folder that have not been closed, oldest first."""
        return sorted(self.inbox - self.closed)

    @property
    def newest(self) -> date | None:
        """The newest day that has papers or has been closed."""
        return max(self.inbox | self.closed, default=None)

    def waiting(self, until: date) -> list[date]:
        """Days up to `until` that are to be closed: unclosed with papers, or changed since."""
        return sorted(day for day in {*self.unclosed, *self.changed} if day <= until)

    def window(self, day_from: date, day_until: date | None = None) -> Window:
        """The days that one run must close when somebody asks for these.

        It starts early enough that no day before it is open or has changed, for the papers of a
        day count for every later one; and when it touches a closed day it runs to the last.

        Raises:
            NothingToCloseError: the days lie before the first day that can be closed.
        """
        until = day_until or day_from
        if until < self.first_day:
            raise NothingToCloseError(
                f"{until} lies before {self.first_day}, the first day that can be closed "
                "(first_day in config/policy.yaml)."
            )
        begun = min({*self.closed, *self.inbox, day_from})
        open_days = set(_days(max(begun, self.first_day), until)) - self.closed
        start = min({max(day_from, self.first_day), *open_days, *self.waiting(until)})
        if self.last_closed and start <= self.last_closed:
            until = max(until, self.last_closed)
        return Window(start, until)


def plan(home: Home, days: Collection[date] | None = None) -> Plan:
    """The state of a home's days; `days` limits which inbox folders are looked into for changes."""
    known = Known.of(home)
    policy = Policy.read(home.config("policy.yaml"))
    inbox = frozenset(day for day in home.inbox_days() if day >= policy.first_day)
    looked_at = known.closed & inbox if days is None else known.closed & inbox & frozenset(days)
    changed = {day: paths for day in sorted(looked_at) if (paths := _changed(home, day, known))}
    return Plan(policy.first_day, known.closed, inbox, changed)


def _changed(home: Home, day: date, known: Known) -> list[str]:
    """Paths of files of a closed day that were not read when it was closed, or not like this."""
    suspects = [
        place for place in files_of(home.inbox_folder(day)) if _may_differ(home, place, known)
    ]
    if not suspects:
        return []
    return [
        arrival.path
        for arrival in arrivals(home.inbox, [day])
        if arrival.place in suspects and known.files.get(arrival.path, ("",))[0] != arrival.sha256
    ]


def _may_differ(home: Home, place: Path, known: Known) -> bool:
    """Whether a file has to be hashed: it is new, or was touched after it was read."""
    read = known.files.get(place.relative_to(home.inbox).as_posix())
    touched = datetime.fromtimestamp(place.stat().st_ctime, TIMEZONE)
    return read is None or touched >= read[1]


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
