"""Whether a file in the inbox may be read: it holds still, and it lies in the inbox."""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, int] | None


def stamp(place: Path) -> Stamp:
    """Size and time of change of a file; None where it is gone."""
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def moving(places: Iterable[Path], still_seconds: Decimal) -> set[Path]:
    """The files that are being written: size or time change while one looks.

    Only files that changed just now are looked at twice, so that nothing waits for old ones.
    """
    wait = float(still_seconds)
    since = time.time_ns() - int(wait * 1e9)
    fresh = {place: now for place in places if (now := stamp(place)) and now[1] > since}
    if not fresh:
        return set()
    time.sleep(wait)
    return {place for place, before in fresh.items() if stamp(place) != before}


def leads_out(place: Path, *roots: Path) -> bool:
    """Whether a file really lies, links followed, outside all of these folders."""
    real = place.resolve()
    return not any(real.is_relative_to(root.resolve()) for root in roots)
