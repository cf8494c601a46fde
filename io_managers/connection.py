"""The one place that opens the warehouse."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from receivables.policy import Policy


class WarehouseBusyError(RuntimeError):
    """Another run holds the warehouse."""


def connect(
    path: Path, policy: Policy, say: Callable[[str], None] = lambda _: None
) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing; wait while another run holds it.

    Raises:
        WarehouseBusyError: it was still held after `engine.lock_wait_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + policy.engine.lock_wait_seconds
    waited = False
    while True:
        try:
            return configured(duckdb.connect(path), policy)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() >= deadline:
                raise WarehouseBusyError(
                    f"{path} is held by another run. Wait until it has ended, then try again."
                ) from None
            if not waited:
                say("Another run holds the warehouse; waiting for it to end.")
                waited = True
            time.sleep(0.2)


def configured(
    connection: duckdb.DuckDBPyConnection, policy: Policy
) -> duckdb.DuckDBPyConnection:
    """Settings of the embedded profile."""
    connection.execute("set memory_limit = ?", [policy.engine.memory_limit])
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set timezone = 'Asia/Shanghai'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_progress_bar = false")
    # Writing is what a close spends its time on; compressing while writing doubles it.
    connection.execute("set force_compression = 'uncompressed'")
    connection.execute("set variable policy = ?", [policy.as_struct()])
    return connection
