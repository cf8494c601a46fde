"""Closing days of the sample inbox without an orchestrator: the same models in the same order."""

import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from assets import STAGES
from assets.received.inbox import Intake
from io_managers.connection import configured
from io_managers.session import Session, Window
from receivables.home import REPOSITORY, Home
from receivables.policy import Policy
from receivables.sources import Sources
from tests.support import calendar, content, made, models, upstream

# A home of its own over the committed inbox, so that what is kept of its files stays out of it.
_ROOT = tempfile.TemporaryDirectory(prefix="sidan-samples-")
SAMPLES = Home(Path(_ROOT.name))
SAMPLES.inbox.symlink_to(REPOSITORY / "data" / "samples" / "inbox")
FLOW = upstream(*models(), *made(), stages=STAGES)


def open_warehouse(path: Path | str = ":memory:") -> duckdb.DuckDBPyConnection:
    """An empty warehouse with the repository's policy."""
    policy = Policy.read(REPOSITORY / "config" / "policy.yaml")
    return configured(duckdb.connect(path), policy)


def close(
    connection: duckdb.DuckDBPyConnection,
    day_from: str,
    until: str,
    tables: Iterable[str] | None = None,
    home: Home = SAMPLES,
) -> None:
    """Close a window of days in one transaction; `tables` limits the tables."""
    session = Session(connection)
    window = Window(date.fromisoformat(day_from), date.fromisoformat(until))
    session.use(window)
    for table, received in Intake(session, home, Sources.of(home), window.days).tables():
        session.replace(table, received)
    session.replace("staged.calendar", calendar())
    for table in FLOW if tables is None else tables:
        session.replace(table, content(table, session))
    session.commit()
