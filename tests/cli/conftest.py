"""Homes with a few closed days of the sample inbox."""

import fcntl
import os
import shutil
import subprocess
import sys
from datetime import date

import dagster as dg
import pytest

from io_managers.session import Window
from receivables.home import REPOSITORY, Home

SAMPLE_INBOX = REPOSITORY / "data" / "samples" / "inbox"
DAYS = [date(2026, 5, 1), date(2026, 5, 2)]


def add_inbox(home, *days):
    """Copy inbox folders of the sample."""
    for day in days:
        shutil.copytree(SAMPLE_INBOX / day.isoformat(), home.inbox_folder(day))


@pytest.fixture(scope="session")
def closed_once(tmp_path_factory):
    """A home with two closed days; never to be changed. All test processes share it."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    home, done = Home(shared / "closed"), shared / "closed.done"
    with (shared / "closed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            close_first_days(home)
            done.touch()
    return home


def close_first_days(home):
    from pipelines.close import close

    add_inbox(home, *DAYS)
    with dg.DagsterInstance.ephemeral() as instance:
        closing = close(home, Window(DAYS[0], DAYS[-1]), "backfill", instance=instance)
    assert closing.is_closed, (closing.audits, closing.errors)


@pytest.fixture
def home(closed_once, tmp_path, monkeypatch):
    """A home of the test's own, with two closed days."""
    own = Home(tmp_path / "home")
    # Copied with its times, or every file would look as if it had changed since it was read.
    shutil.copytree(closed_once.root, own.root, copy_function=copied)
    monkeypatch.setenv("SIDAN_HOME", str(own.root))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return own


def copied(source, target):
    """Copy a file; the copy for people is replaced and never written, so a second name will do."""
    if os.path.basename(source) == "published.duckdb":
        os.link(source, target)
    else:
        shutil.copy2(source, target)


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    own = Home(tmp_path / "home")
    monkeypatch.setenv("SIDAN_HOME", str(own.root))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return own


def sidan(home, *arguments, **environment):
    """Run the command as a user does; its exit code and what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "SIDAN_HOME": str(home.root), **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )
