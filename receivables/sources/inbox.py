"""The inbox: which files arrived on which day, and reading them side by side."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from receivables.sources.layouts import Sources
from receivables.sources.parsed import Parsed, UnreadableError
from receivables.sources.reading import kind_named, read_file
from receivables.sources.sniff import sniff

_IGNORED_STARTS = ("~$", ".", "__MACOSX")
_IGNORED_ENDS = (".part", ".tmp", ".crdownload", ".lnk")
_IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Arrival:
    """A file as it arrived; `path` is relative to the inbox, so it begins with the day.

    `file_id` names this file on this day: the same bytes under another name are another file.
    """

    day: date
    path: str
    place: Path
    sha256: str
    file_id: str


@dataclass(frozen=True)
class Incoming:
    """A file to be received: read already, or (large, of one kind) when its kind's turn comes."""

    arrival: Arrival
    sources: Sources
    read: Parsed | None
    kind: str | None = None

    def has(self, kind: str) -> bool:
        """Whether rows of a kind may come from this file."""
        if self.read is None:
            return self.kind == kind
        return any(part.kind == kind for part in self.read.parts)

    def parsed(self) -> Parsed:
        """The file as understood."""
        return self.read or read_file(self.arrival.place, self.sources)


def arrivals(inbox: Path, days: Iterable[date]) -> list[Arrival]:
    """The files of these days, by day and path; hidden and half-written ones are left out."""
    return [
        _arrival(inbox, day, place)
        for day in sorted(days)
        for place in files_of(inbox / day.isoformat())
    ]


def files_of(folder: Path) -> list[Path]:
    """The files of an inbox folder by path; hidden and half-written ones are left out."""
    found = (place for place in folder.rglob("*") if place.is_file())
    kept = (place for place in found if not is_ignored(place.relative_to(folder)))
    return sorted(kept, key=lambda place: place.relative_to(folder).as_posix())


def is_ignored(path: Path) -> bool:
    """Whether a file is none of anybody's papers: locks of Excel, hidden or unfinished files."""
    return (
        any(part.startswith(_IGNORED_STARTS) for part in path.parts)
        or path.name.lower() in _IGNORED_NAMES
        or path.name.lower().endswith(_IGNORED_ENDS)
    )


def _arrival(inbox: Path, day: date, place: Path) -> Arrival:
    path = place.relative_to(inbox).as_posix()
    with place.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    file_id = hashlib.sha256(f"{path}\n{sha256}".encode()).hexdigest()[:16]
    return Arrival(day, path, place, sha256, file_id)


def incoming(files: Iterable[Arrival], sources: Sources) -> Iterator[Incoming]:
    """Read files side by side, in order; Parquet files wait until their kind is asked for."""
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        yield from pool.map(lambda arrival: _incoming(arrival, sources), files)


def _incoming(arrival: Arrival, sources: Sources) -> Incoming:
    kind = kind_named(arrival.place)
    if kind and _is_parquet(arrival.place):
        return Incoming(arrival, sources, None, kind)
    return Incoming(arrival, sources, read_file(arrival.place, sources))


def _is_parquet(place: Path) -> bool:
    try:
        return sniff(place) == "parquet"
    except (UnreadableError, OSError):
        return False
