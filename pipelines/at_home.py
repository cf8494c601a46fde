"""What a command works on: its home, policy, days and published tables.

Each ends the command with a sentence where something is missing or cannot be read.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pipelines.console import stop
from receivables.home import Home
from receivables.policy import Policy, PolicyError

if TYPE_CHECKING:
    from io_managers.session import Window
    from pipelines.days import Plan


def home_of_command() -> Home:
    """The home of this command, named to all parts of the program."""
    home = Home.current()
    if home.root.exists() and not home.root.is_dir():
        stop(f"SIDAN_HOME is {home.root}, which is a file. Name a folder.")
    os.environ["SIDAN_HOME"] = str(home.root)
    return home


def no_inbox(home: Home) -> NoReturn:
    """End where no folder of a day waits."""
    stop(f"{home.inbox} has no folder of a day. Put files into {home.inbox}/YYYY-MM-DD/.")


def policy_at(home: Home) -> Policy:
    """The policy of a home."""
    return policy_of(home.config("policy.yaml"))


def policy_of(path: Path) -> Policy:
    """The policy in a file."""
    try:
        return Policy.read(path)
    except PolicyError as error:
        stop(str(error))


def plan_of(home: Home) -> Plan:
    """Which days of a home are closed and which wait."""
    from pipelines.days import plan

    try:
        return plan(home)
    except PolicyError as error:
        stop(str(error))


def window_of(found: Plan, day_from: date, day_until: date | None = None) -> Window:
    """The days that must be closed for these to be."""
    from pipelines.days import NothingToCloseError

    try:
        return found.window(day_from, day_until)
    except NothingToCloseError as error:
        stop(str(error))


def published(home: Home) -> Any:
    """A read-only connection to the published tables."""
    from io_managers.connection import read_only

    if not home.published.exists():
        stop("No day has been closed yet. Start with: sidan demo, or sidan close")
    return read_only(home.published)


def newest_day(home: Home) -> date:
    """The newest closed day."""
    from pipelines.queries import rows

    with published(home) as warehouse:
        return rows(warehouse, "newest_day")[0]["as_of"]


def refuse_future(found: Plan, day: date) -> None:
    """End where a day has not come yet."""
    from pipelines.days import today

    last = max(today(), found.newest or today())
    if day > last:
        stop(f"{day} has not come yet; the last day that can be closed is {last}.")
