"""The one place that opens the warehouse."""

import fcntl
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import duckdb

from io_managers.macros import MACROS
from receivables.policy import Policy


class WarehouseBusyError(RuntimeError):
    """Another run holds the warehouse."""


class WriteLock:
    """Held by one run from before it opens the warehouse until its copy is published.

    DuckDB's own lock ends when the file is closed, but the copy is made from the closed file. The
    operating system lets go of the lock when its process ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def take(self, policy: Policy, say: Callable[[str], None] = lambda _: None) -> None:
        """Take the lock; wait while another run holds it.

        Raises:
            WarehouseBusyError: it was still held after `engine.lock_wait_seconds`.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a")
        deadline = time.monotonic() + policy.engine.lock_wait_seconds
        waited = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.close()
                    raise WarehouseBusyError(
                        f"{self.path.parent} is held by another run. "
                        "Wait until it has ended, then try again."
                    ) from None
                if not waited:
                    say("Another run holds the warehouse; waiting for it to end.")
                    waited = True
                time.sleep(0.1)
            else:
                self._file = file
                return

    def release(self) -> None:
        """Let the next run in."""
        if self._file:
            self._file.close()
            self._file = None


def connect(path: Path, policy: Policy) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing.

    Raises:
        WarehouseBusyError: a program that is no run, such as a SQL client, has it open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return configured(duckdb.connect(path), policy)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise WarehouseBusyError(
            f"{path} is open in another program. Close it, then try again; "
            f"for looking at the tables there is {path.with_name('published.duckdb').name}."
        ) from None


def read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published warehouse for reading; nothing outside it can be reached from there."""
    connection = duckdb.connect(path, read_only=True)
    connection.execute("set timezone = 'Asia/Shanghai'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set enable_external_access = false")
    return connection


def configured(connection: duckdb.DuckDBPyConnection, policy: Policy) -> duckdb.DuckDBPyConnection:
    """Settings of the embedded profile."""
    connection.execute("set memory_limit = ?", [policy.engine.memory_limit])
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set timezone = 'Asia/Shanghai'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_progress_bar = false")
    # Writing is what a close spends its time on; compressing while writing doubles it.
    connection.execute("set force_compression = 'uncompressed'")
    # Tables written in this transaction have no statistics yet: the written join order is better.
    connection.execute("set disabled_optimizers = 'join_order'")
    connection.execute("set variable policy = ?", [policy.as_struct()])
    for macro in MACROS:
        connection.execute(macro)
    return connection
