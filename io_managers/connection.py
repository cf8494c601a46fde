"""The one place that opens the warehouse."""

import fcntl
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import duckdb

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
    connection.execute(_name_key())
    connection.execute(_number_key())
    connection.execute(_part_within())
    connection.execute(_voiced_pattern())
    return connection


def _name_key() -> str:
    """A macro for SQL models: what two spellings of one name have in common.

    Width, brackets, case and spaces are taken off: `Ａ店（东）` and `a店 [东]` have one key.
    """
    brackets = str.maketrans("[]{}", "()()")
    full = [chr(code) for code in range(0xFF01, 0xFF5F) if chr(code) != "\uff07"]
    half = [chr(ord(sign) - 0xFEE0).translate(brackets) for sign in full]
    spellings = "".join([*full, "【】〔〕[]{}"]), "".join([*half, "()()()()"])
    return " ".join(
        [
            "create or replace temp macro name_key(name) as",
            "upper(translate(regexp_replace(name, '[\\s\u3000\u00a0]', '', 'g'),",
            "'" + spellings[0] + "',",
            "'" + spellings[1] + "'))",
        ]
    )


def _number_key() -> str:
    """A macro for SQL models: what two spellings of one document number have in common.

    Width, case and separators are taken off, O is read as 0, I and L as 1; letters before at least
    five digits go, and so do leading zeros: `ＰＯ-2026/0015`, `po2O260015` and `20260015` have one
    key. A number of nothing but zeros and separators has the empty key.
    """
    full = "".join(chr(code) for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B)])
    half = "".join(chr(ord(sign) - 0xFEE0) for sign in full)
    return " ".join(
        [
            "create or replace temp macro number_key(no) as",
            "ltrim(replace(replace(replace(regexp_replace(regexp_replace(",
            "case when strlen(no) = length(no) then upper(no) else",
            "translate(upper(no), '" + full + "', '" + half + "') end,",
            "'[\\s\\p{P}\\p{S}]', '', 'g'),",
            # an O, I or L next to the digits may be one of them
            "'^[A-Z]*[A-HJKMNP-Z]([0-9OIL]{5,})$', '\\1'),",
            "'O', '0'), 'I', '1'), 'L', '1'), '0')",
        ]
    )


def _part_within() -> str:
    """A macro for SQL models: the part of an amount that a paper of so much has room for.

    What came `before` took its room first. A paper of a negative amount has room for negative
    amounts only.
    """
    return " ".join(
        [
            "create or replace temp macro part_within(paper, before, amount) as",
            "sign(paper) * (",
            "least(greatest(sign(paper) * (before + amount), 0), abs(paper))",
            "- least(greatest(sign(paper) * before, 0), abs(paper)))",
        ]
    )


def _voiced_pattern() -> str:
    """A macro for SQL models: the pattern that invoice, statement and payer together speak for.

    Each names a place, `branch` or `head`; most decide, of equally many the first that speaks. Null
    where none does.
    """
    return " ".join(
        [
            "create or replace temp macro voiced_pattern(buyer, party, payer) as",
            "list_transform([list_filter([buyer, party, payer],",
            "lambda place: place in ('branch', 'head'))], lambda voices: case",
            "when len(voices) = 0 then null",
            "when 2 * len(list_filter(voices, lambda place: place = 'head')) > len(voices)",
            "or 2 * len(list_filter(voices, lambda place: place = 'head')) = len(voices)",
            "and voices[1] = 'head' then 'branch_head'",
            "else 'branch_branch' end)[1]",
        ]
    )
