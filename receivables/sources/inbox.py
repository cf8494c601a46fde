"""The inbox: which files arrived on which day, and reading them side by side."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from receivables.contracts import Contract
from receivables.home import Home
from receivables.policy import LIMITS, Intake, Policy
from receivables.sources.arriving import Stamp, leads_out, moving, stamp
from receivables.sources.cache import ReadCache
from receivables.sources.containers import is_archive, unpacked
from receivables.sources.layouts import Sources
from receivables.sources.parsed import Parsed, UnreadableError
from receivables.sources.reading import kind_named, parquet_keys, parquet_rows, read_file
from receivables.sources.sniff import sniff

_LOG = logging.getLogger(__name__)
ARCHIVE = "zip"
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
    told: Parsed | None = None  # what is known without reading it as a paper
    seen: Stamp = None  # its size and time when its bytes were summed up


@dataclass(frozen=True)
class Incoming:
    """A file to be received: read already, or (large, of one kind) when its kind's turn comes."""

    arrival: Arrival
    sources: Sources
    read: Parsed | None
    kind: str | None = None
    limits: Intake = LIMITS

    def has(self, kind: str) -> bool:
        """Whether rows of a kind may come from this file."""
        if self.read is None:
            return self.kind == kind
        return any(part.kind == kind for part in self.read.parts)

    def rows(self, kind: str) -> int:
        """How many rows of a kind the file has, of one not read yet with those to be rejected."""
        if self.read is None:
            return parquet_rows(self.arrival.place)
        return sum(part.accepted.height for part in self.read.parts if part.kind == kind)

    def keys(self, contract: Contract) -> pl.DataFrame:
        """The key of each row of a kind; a file that waits is not read for it."""
        if self.read is None:
            return parquet_keys(self.arrival.place, contract)
        key = list(contract.key)
        none = pl.DataFrame(schema={name: contract.fields[name].dtype for name in key})
        parts = [part for part in self.read.parts if part.kind == contract.kind]
        return pl.concat([none, *(part.accepted.select(key) for part in parts)])

    def parsed(self) -> Parsed:
        """The file as understood."""
        return self.read or read_file(self.arrival.place, self.sources, self.limits)


def arrivals(inbox: Path, days: Iterable[date]) -> list[Arrival]:
    """The files of these days, by day and path; hidden and half-written ones are left out.

    A file that is being written is left out too: it is new to whoever looks next, so the day is
    closed again with it. The members of a zip archive follow it as files of their own.
    """
    home = Home(inbox.parent)
    limits = limits_of(home)
    places = [(day, place) for day in sorted(days) for place in files_of(home.inbox_folder(day))]
    unfinished = moving((place for _, place in places), limits.still_seconds)
    found: list[Arrival] = []
    for day, place in places:
        if place in unfinished:
            _LOG.warning("%s is still being written; the next close reads it.", place)
        else:
            found += _arrivals_at(home, day, place, limits)
    return found


def limits_of(home: Home) -> Intake:
    """The limits that a home's policy sets for files."""
    return Policy.read(home.config("policy.yaml")).intake


def files_of(folder: Path) -> list[Path]:
    """The files of an inbox folder by path; hidden and half-written ones are left out."""
    found = (place for place in folder.rglob("*") if place.is_file() or place.is_symlink())
    kept = (place for place in found if not is_ignored(place.relative_to(folder)))
    return sorted(kept, key=lambda place: place.relative_to(folder).as_posix())


def is_ignored(path: Path) -> bool:
    """Whether a file is none of anybody's papers: locks of Excel, hidden or unfinished files."""
    return (
        any(part.startswith(_IGNORED_STARTS) for part in path.parts)
        or path.name.lower() in _IGNORED_NAMES
        or path.name.lower().endswith(_IGNORED_ENDS)
    )


def _arrivals_at(home: Home, day: date, place: Path, limits: Intake) -> Iterator[Arrival]:
    path = place.relative_to(home.inbox).as_posix()
    if place.is_symlink() and not place.is_file():
        yield _untold(day, path, place, "The file is a link that leads nowhere or to a folder.")
        return
    if leads_out(place, home.inbox, home.inbox_folder(day)):
        yield _untold(day, path, place, "The file is a link that leads out of the inbox.")
        return
    seen = stamp(place)
    try:
        sha256 = _checksum(place)
    except FileNotFoundError:
        return  # moved away while one looked
    except PermissionError:
        message = "The file may not be opened by this user; give the right to read it."
        yield _arrival(day, path, place, "", Parsed(None, (), message))
        return
    if is_archive(place, limits):
        yield from _archived(home, day, path, place, sha256, limits)
    else:
        yield replace(_arrival(day, path, place, sha256), seen=seen)


def _untold(day: date, path: str, place: Path, sentence: str) -> Arrival:
    """A link that is not followed; its target stands for its content."""
    sha256 = hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()
    message = f"{sentence} It was not followed; put the file itself here."
    return _arrival(day, path, place, sha256, Parsed(None, (), message))


def _archived(
    home: Home, day: date, path: str, place: Path, sha256: str, limits: Intake
) -> Iterator[Arrival]:
    """An archive and its members."""
    try:
        inside = unpacked(place, sha256, home.cache / "unpacked", limits)
    except UnreadableError as error:
        yield _arrival(day, path, place, sha256, Parsed(None, (), str(error)))
        return
    message = inside.refused or (None if inside.members else "The archive has no file in it.")
    yield _arrival(day, path, place, sha256, Parsed(ARCHIVE, (), message))
    for member in inside.members:
        if not is_ignored(Path(member.path)):
            told = Parsed(ARCHIVE, (), member.refused) if member.is_archive else None
            own = f"{path}/{member.path}"
            yield _arrival(day, own, Path(member.place), member.sha256, told)


def _checksum(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _arrival(day: date, path: str, place: Path, sha256: str, told: Parsed | None = None) -> Arrival:
    file_id = hashlib.sha256(f"{path}\n{sha256}".encode()).hexdigest()[:16]
    return Arrival(day, path, place, sha256, file_id, told)


def incoming(
    files: Iterable[Arrival], sources: Sources, home: Home | None = None
) -> Iterator[Incoming]:
    """Read files side by side, in order; Parquet files wait until their kind is asked for.

    With a home its limits hold and what was read before comes from its cache. A file that changes
    while it is read is left out, as one that is still being written.
    """
    limits = limits_of(home) if home else LIMITS
    cache = ReadCache(home.cache / "read", sources, limits) if home else None
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        for file in pool.map(lambda arrival: _incoming(arrival, sources, limits, cache), files):
            if file is not None:
                yield file


def _incoming(
    arrival: Arrival, sources: Sources, limits: Intake, cache: ReadCache | None
) -> Incoming | None:
    if arrival.told is not None:
        return Incoming(arrival, sources, arrival.told)
    kind = kind_named(arrival.place)
    if kind and _is_parquet(arrival.place):
        return Incoming(arrival, sources, None, kind, limits)
    name = arrival.place.name
    known = cache.get(arrival.sha256, name) if cache else None
    if known is not None:
        return Incoming(arrival, sources, known)
    parsed = read_file(arrival.place, sources, limits)
    if arrival.seen and stamp(arrival.place) != arrival.seen:
        _LOG.warning("%s changed while it was read; the next close reads it.", arrival.place)
        return None
    if cache and parsed.layout is not None:
        cache.put(arrival.sha256, name, parsed)
    return Incoming(arrival, sources, parsed)


def _is_parquet(place: Path) -> bool:
    try:
        return sniff(place) == "parquet"
    except (UnreadableError, OSError):
        return False
