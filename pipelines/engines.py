"""One database engine per history file, instead of one per event.

Dagster's SQLite store makes an engine for every event that it writes, and SQLAlchemy compiles its
statements anew for each engine. A close of four months writes one event per table and day; giving
the store the same engine again spares two fifths of that bookkeeping (see docs/benchmarks.md).
"""

from __future__ import annotations

import sys
from typing import Any

import sqlalchemy

_make = sqlalchemy.create_engine
_engines: dict[tuple[str, str], sqlalchemy.Engine] = {}


def share_engines() -> bool:
    """From now on, hand out one engine per file and settings in this process.

    Returns:
        False where it comes too late: Dagster has been imported and keeps the function it found.
    """
    if "dagster" in sys.modules:
        return False
    sqlalchemy.create_engine = shared_engine
    return True


def shared_engine(url: Any, **settings: Any) -> sqlalchemy.Engine:
    """The engine of a SQLite file; any other database gets a new one as ever."""
    name = str(url)
    if not name.startswith("sqlite:///") or ":memory:" in name:
        return _make(url, **settings)
    key = (name, repr(sorted(settings.items(), key=lambda item: item[0])))
    if key not in _engines:
        _engines[key] = engine = _make(url, **settings)
        if settings.get("poolclass") is sqlalchemy.NullPool:
            # Dagster disposes of its engine after every event. There is nothing in such a pool,
            # but a new one would be made.
            engine.dispose = _nothing  # type: ignore[method-assign]
    return _engines[key]


def _nothing(close: bool = True) -> None:
    """Keep the empty pool."""
